#include "adapters/system/disk_checkup.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>

namespace packwalk {
namespace {

constexpr std::uint64_t mebibyte = 1024UL * 1024;
constexpr std::uint64_t needed = 64 * mebibyte;
constexpr std::uint64_t comfortable = 1024 * mebibyte;

/// The nearest existing folder above.
std::filesystem::path existing(std::filesystem::path folder) {
  folder = std::filesystem::absolute(folder);
  std::error_code ignored;
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

}  // namespace

std::vector<Finding> examine_disk(const std::string& folder) {
  Findings findings("disk");
  struct statvfs disk {};
  const std::filesystem::path there = existing(folder);
  if (::statvfs(there.c_str(), &disk) != 0) {
    findings.fault("cannot examine " + folder + ": " + std::strerror(errno), "check --data");
    return std::move(findings).all();
  }
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const std::string says = std::to_string(free / mebibyte) + " MiB are free at " +
                           (std::filesystem::exists(folder) ? folder : there.string());
  if (free < needed) {
    findings.fault("the disk is full: " + says, "make room");
  } else if (free < comfortable) {
    findings.doubt(says, "make room before the disk is full");
  } else {
    findings.fine(says);
  }
  return std::move(findings).all();
}

}  // namespace packwalk
