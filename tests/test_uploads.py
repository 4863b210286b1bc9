"""An upload takes no more memory than a megabyte, however large it is."""

from waitlessq.uploads import MOST_BYTES, BoundedUploadHandler


def upload(handler: BoundedUploadHandler, size: int) -> tuple[int, int | None]:
    handler.new_file("logo", "logo.png", "image/png", None)
    chunk = bytes(64 * 1024)
    for start in range(0, size, len(chunk)):
        handler.receive_data_chunk(chunk[: size - start], start)
    file = handler.file_complete(size)
    return len(file.read()), file.size


def test_a_file_that_fits_is_kept_whole() -> None:
    assert upload(BoundedUploadHandler(), MOST_BYTES) == (MOST_BYTES, MOST_BYTES)


def test_of_a_larger_file_enough_is_kept_to_see_that_it_is_larger() -> None:
    assert upload(BoundedUploadHandler(), 10 * MOST_BYTES) == (MOST_BYTES + 1, 10 * MOST_BYTES)


def test_all_files_of_a_request_share_the_megabyte() -> None:
    handler = BoundedUploadHandler()
    upload(handler, MOST_BYTES)
    assert upload(handler, MOST_BYTES) == (1, MOST_BYTES)
