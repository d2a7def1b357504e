"""A scanner in a process of its own, that the test may kill: python -m tests.faults.clamd PORT FOLDER

It speaks clamd's INSTREAM. While the folder holds « stall » it stops in the middle of a file and says « reached ».
What it read to the end is named by its digest in « scanned », before it answers.
"""

import hashlib
import socket
import struct
import sys
import threading
import time
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def serve(link: socket.socket, folder: Path) -> None:
    with link, link.makefile("rb") as stream:
        asked = b""
        while not asked.endswith(b"\0"):
            asked += stream.read(1)
        content = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            content += stream.read(size)
            if (folder / "stall").exists():
                (folder / "reached").touch()
                while (folder / "stall").exists():
                    time.sleep(0.01)
        with (folder / "scanned").open("a") as told:
            print(hashlib.sha256(content).hexdigest(), file=told)
        link.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


def main(port: int, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            link, _ = listener.accept()
            threading.Thread(target=serve, args=(link, folder), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
