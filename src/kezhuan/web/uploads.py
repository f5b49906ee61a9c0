"""How files come in: into memory, for nothing touches a disk unchecked, and never more than is allowed."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from kezhuan.kernel.contents import MEGABYTE

MOST_AT_ONCE = 10
"""Files of the size that one may have, in one request."""


class BoundedUploads(FileUploadHandler):
    """Keeps of each file one byte more than it may have: enough to refuse it by its size, however much is sent; and
    takes no more in one request than ten files may have."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._whole = 0

    def new_file(self, *given: Any, **more: Any) -> None:
        """Begin a file."""
        super().new_file(*given, **more)
        self._kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece of it, as far as there is room."""
        self._whole += len(raw_data)
        if self._whole > MOST_AT_ONCE * settings.FILE_MEGABYTES * MEGABYTE:
            raise RequestDataTooBig("files")
        self._kept.write(raw_data[: max(0, settings.FILE_MEGABYTES * MEGABYTE + 1 - self._kept.tell())])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file with what was kept of it."""
        size = self._kept.tell()
        self._kept.seek(0)
        return InMemoryUploadedFile(
            self._kept, self.field_name, self.file_name, self.content_type, size, self.charset, self.content_type_extra
        )
