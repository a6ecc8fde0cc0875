"""Which bytes a browser may show, and which it only saves."""

import pytest

from web.viewable import viewable

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89a<script>alert(1)</script>", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n<html>", "application/pdf"),
        ("报价：1,200 元\n".encode(), "text/plain; charset=utf-8"),
        ("报价：1,200 元\n".encode("gb18030"), "text/plain; charset=utf-8"),
        ("\ufeffitem,amount\n印刷,800".encode(), "text/plain; charset=utf-8"),
    ],
)
def test_pictures_pdf_and_text_are_shown(data, media_type):
    found = viewable(data)
    assert found is not None
    assert found.media_type == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!DOCTYPE html><p>x",
        b"  \n<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"hello <ScRiPt>alert(1)</script>",
        b"\xef\xbb\xbf<html>",
        b"text\x00with a zero",
        b"PK\x03\x04\x14\x00word document",
        b"MZ\x90\x00\x03",
        bytes(range(256)),
        b"a" * 2_000_001,
    ],
)
def test_whatever_could_run_or_is_unknown_is_only_saved(data):
    assert viewable(data) is None


def test_text_from_a_chinese_windows_arrives_readable():
    found = viewable("印刷费用共 800 元".encode("gb18030"))
    assert found is not None
    assert found.data.decode() == "印刷费用共 800 元"
