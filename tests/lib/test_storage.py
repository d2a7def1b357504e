import os
from pathlib import Path

from django.core.files.base import ContentFile

from guichet.lib import storage


def test_file_and_the_folders_that_name_it_are_on_the_disk_when_save_returns(tmp_path, monkeypatch):
    synced, sync = [], os.fsync

    def spied(opened: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{opened}")))
        sync(opened)

    monkeypatch.setattr(os, "fsync", spied)

    name = storage.DurableStorage(location=tmp_path).save("2026/11/pièce", ContentFile(b"octets"))

    place = tmp_path / name
    assert place.read_bytes() == b"octets"
    assert synced == [place, place.parent, place.parent.parent, tmp_path.resolve()]
