# Sourced: where this folder is, and Vulkan's loader and driver. VK_DRIVER_FILES names another driver; look.sh notes in the
# file `driver` which one works.
here=$(cd "$(dirname "$0")" && pwd)
[ -n "${VK_DRIVER_FILES:-}" ] || [ ! -e "$here/driver" ] || VK_DRIVER_FILES=$(cat "$here/driver")
# Containers have the driver's libraries here, where the loader of the system does not look.
for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib "$here"; do
  [ ! -d "$folder" ] || LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder"
done

# Descriptions of drivers, the likeliest first. The last two are ours, for a driver whose own is missing; libGLX_nvidia
# needs X11's libraries, libEGL_nvidia does not.
drivers() {
  for folder in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/nvidia/share/vulkan/icd.d /usr/local/share/vulkan/icd.d; do
    for file in "$folder"/*nvidia*.json; do [ ! -e "$file" ] || echo "$file"; done
  done
  echo "$here/libEGL_nvidia.json"
  echo "$here/libGLX_nvidia.json"
}

[ -n "${VK_DRIVER_FILES:-}" ] || VK_DRIVER_FILES=$(drivers | head -n 1)
VK_ICD_FILENAMES=$VK_DRIVER_FILES
export LD_LIBRARY_PATH VK_DRIVER_FILES VK_ICD_FILENAMES
