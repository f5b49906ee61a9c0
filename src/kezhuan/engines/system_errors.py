"""What the operating system says of files and networks, in Chinese as well."""

import errno

_SAID = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘只读",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "空间配额已用完",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENAMETOOLONG: "名称太长",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.EADDRINUSE: "地址已被占用",
}


def said(error: BaseException) -> tuple[str, str]:
    """Why something failed, in Chinese and in English; what is not known in Chinese stays in the system's own words."""
    english = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _SAID.get(getattr(error, "errno", None) or 0, english), english
