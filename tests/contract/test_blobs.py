"""Files by the hash of their bytes, in a folder or in the database."""

import hashlib

import pytest

from engine.store.blobs import BlobDamaged, BlobMissing, DatabaseBlobs, FolderBlobs

DATA = b"offer.pdf"
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "database"])
def blobs(request, store, tmp_path):
    return FolderBlobs(tmp_path / "files") if request.param == "folder" else DatabaseBlobs(store.database)


def test_bytes_are_found_again_under_their_hash(blobs):
    assert blobs.has(NAME) is False
    assert (blobs.put(DATA), blobs.put(DATA)) == (NAME, NAME)
    assert (blobs.get(NAME), blobs.has(NAME)) == (DATA, True)


def test_a_missing_file_is_named(blobs):
    with pytest.raises(BlobMissing, match=f"the file {NAME[:12]} is gone"):
        blobs.get(NAME)


def test_changed_bytes_are_not_handed_out(tmp_path):
    blobs = FolderBlobs(tmp_path)
    blobs.put(DATA)
    blobs.path(NAME).write_bytes(b"other")
    with pytest.raises(BlobDamaged, match=f"the bytes of the file {NAME[:12]} have changed"):
        blobs.get(NAME)


def test_nothing_is_left_beside_the_files(tmp_path):
    FolderBlobs(tmp_path).put(DATA)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [NAME]


@pytest.mark.parametrize("name", ["../../etc/passwd", "", NAME.upper(), NAME + "0"])
def test_a_name_leads_nowhere_else(tmp_path, name):
    with pytest.raises(ValueError, match="is not the SHA-256 of a file"):
        FolderBlobs(tmp_path).get(name)
