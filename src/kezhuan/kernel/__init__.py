"""The kernel: the few words every area stands on. It knows no area."""
