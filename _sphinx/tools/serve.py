"""A look at the built book over loopback, on the first free port."""

import argparse
import errno
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and keeps silent about each of them."""

    def log_message(self, *words):
        """Say nothing: a page asks for dozens of files."""


def open_server(folder, port):
    """Return a server for the folder on loopback, on this port or one of the nine after it."""
    handler = functools.partial(Quiet, directory=str(folder))
    for number in range(port, port + 10):
        try:
            return ThreadingHTTPServer(("127.0.0.1", number), handler)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
    return None


def main(arguments=None):
    """Serve until interrupted; return the exit code."""
    parser = argparse.ArgumentParser(description="Serve a built book on loopback.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", default="8000")
    options = parser.parse_args(arguments)
    if not options.port.isdecimal():
        print(f"PORT={options.port} is not a number; for example: make serve PORT=9000", file=sys.stderr)
        return 1
    options.port = int(options.port)
    if not (options.folder / "index.html").is_file():
        print(f"{options.folder}: no built book here; run make book first.", file=sys.stderr)
        return 1
    try:
        server = open_server(options.folder, options.port)
    except (OSError, OverflowError) as fault:
        print(f"Port {options.port} cannot be used: {fault}", file=sys.stderr)
        return 1
    if server is None:
        print(
            f"Ports {options.port} to {options.port + 9} are in use; name another: make serve PORT=9000",
            file=sys.stderr,
        )
        return 1
    print(f"The book is at http://127.0.0.1:{server.server_address[1]}/ (Ctrl-C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
