"""Bill: from the FLOP of a run to device-hours, days, energy, power and money, each with its range."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from .. import arguments
from ..accounting import gpu_hours

__all__ = ["ASSUMED", "DEVICES", "TrainingBill", "training_bill"]

_80 = 2.0 * 1.2815515655446004  # standard deviations in an 80% range

# Epoch AI's table of chips (2025): dense FLOP/s in 16 bits, and rated watts.
DEVICES = MappingProxyType(
    {"V100": (125e12, 300.0), "A100": (312e12, 400.0), "H100": (989.4e12, 700.0), "B200": (2250e12, 1000.0)}
)

# (low, middle, high), meant as 80% ranges. Utilisation: most of what large runs print (PaLM 46%, Llama 3.1 38 to 43%,
# Falcon 19%). Beside: hours over those of the main run (Llama 3.1: 30.8 million in all). Around: watts of server and
# building over the chip's rated ones (Sevilla et al. 2024: 1,389 W a H100 in a cluster, times 1.1 to 1.3). Price:
# dollars an hour of H100, as listed from 2023 to 2026.
ASSUMED = MappingProxyType(
    {"utilisation": (0.25, 0.38, 0.50), "beside": (1.05, 1.2, 1.5), "around": (1.6, 2.1, 2.6), "price": (1.7, 2.5, 4.5)}
)


@dataclass(frozen=True)
class TrainingBill:
    """What a run costs, in several units; each field (low, middle, high) of an 80% range.

    Attributes
    ----------
    C : float
        FLOP.
    device : str
    devices : int
        How many run at once.
    hours : tuple of float
        Device-hours.
    days, energy, power, dollars : tuple of float
        Days on so many devices; kWh; kW while it runs; dollars.
    """

    C: float
    device: str
    devices: int
    hours: tuple
    days: tuple
    energy: tuple
    power: tuple
    dollars: tuple

    def report(self) -> str:
        """The bill, a line a number."""
        lines = [f"{self.C:.3g} FLOP on {self.devices:,} {self.device}, middle and 80% range"]
        units = {"hours": "device-hours", "days": "days", "energy": "kWh", "power": "kW", "dollars": "$"}
        for name, unit in units.items():
            low, middle, high = getattr(self, name)
            lines.append(f"  {middle:>9.3g} {unit:<12} {low:.2g} to {high:.2g}")
        lines.append("  Prices are inputs with a date. Staff, failed runs, data and evaluation are not in it.")
        return "\n".join(lines)


def training_bill(
    C: float,
    *,
    device: str = "H100",
    devices: int = 1,
    utilisation: tuple[float, float, float] | float | None = None,
    beside: tuple[float, float, float] | float | None = None,
    around: tuple[float, float, float] | float | None = None,
    price: tuple[float, float, float] | float | None = None,
) -> TrainingBill:
    """From the FLOP of a run to hours, days, energy, power and money.

    Each input is (low, middle, high) of an 80% range, or a number that is known; the default is in `ASSUMED`. They
    are taken as independent and log-normal, so that the products need no drawing.

    Parameters
    ----------
    C : float
        FLOP of the main run.
    device : {"V100", "A100", "H100", "B200"}
    devices : int, default 1
    utilisation : tuple or float
        Share of the device's dense 16-bit peak that the model's FLOP make.
    beside : tuple or float
        All device-hours over those of the main run.
    around : tuple or float
        Watts drawn by server and building over the device's rated watts.
    price : tuple or float
        Dollars a device-hour.

    Returns
    -------
    TrainingBill

    Raises
    ------
    ValueError
        For an unknown device, or an input that is not above zero or whose range does not rise.

    Examples
    --------
    >>> import scalinglib as sl
    >>> print(sl.limits.training_bill(3.8e25, devices=16_384).report())
    3.8e+25 FLOP on 16,384 H100, middle and 80% range
       3.37e+07 device-hours 2.3e+07 to 5e+07
           71.4 days         50 to 1e+02
       4.95e+07 kWh          3.1e+07 to 7.8e+07
       2.41e+04 kW           1.9e+04 to 3.1e+04
       8.42e+07 $            4.5e+07 to 1.6e+08
      Prices are inputs with a date. Staff, failed runs, data and evaluation are not in it.
    """
    arguments.one_of("device", device, list(DEVICES))
    peak, watts = DEVICES[device]
    C = arguments.scalar("C", C, positive=True)
    devices = arguments.whole("devices", devices, most=100_000_000)
    given = {"utilisation": utilisation, "beside": beside, "around": around, "price": price}
    inputs = {name: _ranged(name, ASSUMED[name] if value is None else value) for name, value in given.items()}
    share = np.max(ASSUMED["utilisation"] if utilisation is None else utilisation)
    if share > 1.0:
        raise ValueError(f"utilisation must be a share of the peak, at most 1; got {share:g}")
    for name, (middle, spread) in inputs.items():
        arguments.refuse(name, np.asarray(middle), not 1e-9 <= middle <= 1e9 or spread > 100.0, "from 1e-9 to 1e9")
    once = float(gpu_hours(C, peak_flop_per_second=peak, utilisation=inputs["utilisation"][0]))

    def product(scale, *names):
        """The range of `scale` times the inputs of these names; utilisation is in `once` already."""
        middle = scale * np.prod([inputs[name][0] for name in names if name != "utilisation"])
        spread = np.sqrt(sum(inputs[name][1] ** 2 for name in names)) * _80 / 2.0
        return float(middle * np.exp(-spread)), float(middle), float(middle * np.exp(spread))

    hours = product(once, "utilisation", "beside")
    return TrainingBill(
        C=C,
        device=device,
        devices=devices,
        hours=hours,
        days=product(once / devices / 24.0, "utilisation"),
        energy=product(once * watts / 1000.0, "utilisation", "beside", "around"),
        power=product(devices * watts / 1000.0, "around"),
        dollars=product(once, "utilisation", "beside", "price"),
    )


def _ranged(name, value):
    """Middle and standard deviation of the logarithm of an input."""
    ends = np.atleast_1d(arguments.real(name, value, positive=True))
    if ends.size == 1:
        return float(ends[0]), 0.0
    if ends.shape != (3,) or not ends[0] < ends[1] < ends[2]:
        raise ValueError(
            f"{name} must be one number, or low, middle and high that rise; got {arguments.abbreviate(value)}"
        )
    return float(ends[1]), float(np.log(ends[2] / ends[0]) / _80)
