"""Lighthouse: installed for the moment or kept in a folder, and asked for a page's scores on a telephone."""

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path

from .quiet import measured

LIGHTHOUSE = "lighthouse@12.8.2"
SWITCHES = "--headless=new --no-sandbox --disable-gpu --no-proxy-server"
CATEGORIES = ("performance", "accessibility")


def install(folder: Path) -> Path:
    """Install lighthouse there, unless it is there already; OSError says in one line why it cannot be had."""
    program = folder / "node_modules/.bin/lighthouse"
    if program.exists():
        return program
    if not shutil.which("npm"):
        raise OSError("npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, LIGHTHOUSE]
    done = subprocess.run(
        command, env={**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}, cwd=folder, capture_output=True, text=True
    )
    if done.returncode or not program.exists():
        why = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise OSError(f"npm could not install {LIGHTHOUSE}: {why}")
    return program


def once(program: Path, chromium: str, address: str) -> tuple[dict[str, int], set[str]]:
    """One run: the scores by category, and the audits of accessibility that failed."""
    command = [
        program,
        address,
        "--quiet",
        "--output=json",
        f"--chrome-flags={SWITCHES}",
        f"--only-categories={','.join(CATEGORIES)}",
    ]
    done = subprocess.run(command, env={**os.environ, "CHROME_PATH": chromium}, capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
        scores = {name: round(100 * answer["categories"][name]["score"]) for name in CATEGORIES}
    except (ValueError, KeyError, TypeError) as fault:
        why = done.stderr.strip()[-300:] or fault
        raise OSError(f"lighthouse gave no scores for {address}: {why}") from fault
    return scores, {
        ref["id"]
        for ref in answer["categories"]["accessibility"]["auditRefs"]
        if ref["weight"] and answer["audits"][ref["id"]]["score"] == 0
    }


def score(program: Path, chromium: str, address: str, runs: int) -> dict:
    """Medians on a telephone, what failed of accessibility, and how many runs the host disturbed."""
    answers, disturbed = measured(lambda: once(program, chromium, address), runs=runs, spare=2 * runs)
    medians = {name: statistics.median(scores[name] for scores, _ in answers) for name in CATEGORIES}
    return {**medians, "failed": sorted(set().union(*(failed for _, failed in answers))), "disturbed": disturbed}
