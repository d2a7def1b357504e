"""Files that a row promises."""

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """A file is on the disk, and its name in the folders above it, before `save` returns: its row is committed after,
    and a power cut then leaves no row without its file."""

    def _save(self, name, content):
        name = super()._save(name, content)
        place, top = Path(self.path(name)), Path(self.location)
        for each in (place, *place.parents):
            _sync(each)
            if each == top:
                break
        return name


def _sync(place: Path) -> None:
    opened = os.open(place, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
