"""Disks that are full, or take nothing."""
import subprocess


def mount_for(test, folder, options):
    """Mounts a file system in memory until a test ends, which is skipped where that is not allowed."""
    mounted = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', options, 'jetbus', folder], stderr=subprocess.PIPE, text=True)
    if mounted.returncode:
        test.skipTest(mounted.stderr)
    test.addCleanup(subprocess.run, ['umount', '--lazy', folder], check=True)
