# Sourced: where this folder is, and Vulkan's loader and driver, unless VK_DRIVER_FILES names one.
here=$(cd "$(dirname "$0")" && pwd)
LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here"
if [ -z "$VK_DRIVER_FILES" ] && ! ls /usr/share/vulkan/icd.d/*nvidia* /etc/vulkan/icd.d/*nvidia* >/dev/null 2>&1; then
  # the driver's library without its description, as in containers; the one for screens needs X11
  if ldconfig -p 2>/dev/null | grep -q 'libX11\.so\.6'; then name=libGLX_nvidia; else name=libEGL_nvidia; fi
  VK_DRIVER_FILES=$here/$name.json
fi
[ -z "$VK_DRIVER_FILES" ] || VK_ICD_FILENAMES=$VK_DRIVER_FILES
export LD_LIBRARY_PATH VK_DRIVER_FILES VK_ICD_FILENAMES
