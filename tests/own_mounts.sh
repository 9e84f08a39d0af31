# own_mounts - what to put in front of a command that mounts something: nobody else sees it.  "${own_mounts[@]}" mount …
# Sourced. Needs root's rights or a user namespace; without either the command fails, and says so. In a chroot whose
# root is no mount, propagation cannot be changed: there the command itself has to unmount.
# shellcheck shell=bash
for try in "unshare --mount" "unshare --map-root-user --mount" "unshare --mount --propagation unchanged"; do
    read -ra own_mounts <<<"$try"
    "${own_mounts[@]}" true 2>/dev/null && break
done
unset try
