// For LD_PRELOAD: what Linux's page cache does to SQLite's log when a flush fails. Pages that were written since the
// flush before are marked clean, so they can be read but never reach the disk, and the next flush succeeds. What a
// power cut would leave of FILE-wal is in FILE-wal.disk. The flush whose number, from 1, is $FAILING_FLUSH fails, of
// the log or, with FAILING_FLUSH_OF=database, of the database; each is noted as a line in $FLUSHES.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace {

constexpr off64_t page_bytes = 4096;

std::mutex mutex;
std::map<std::string, std::set<off64_t>>& dirty_pages() {
  static auto* pages = new std::map<std::string, std::set<off64_t>>;  // also used while the process ends
  return *pages;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}
using Write = ssize_t (*)(int, const void*, size_t, off64_t);
using Flush = int (*)(int);

std::string path_of(int file) {
  std::array<char, 512> path{};
  const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path.data(), path.size() - 1);
  return size < 0 ? "" : std::string(path.data(), static_cast<std::size_t>(size));
}

bool is_log(const std::string& path) { return path.ends_with("packwalk.db-wal"); }
bool is_of_interest(const std::string& path) {
  const char* of = std::getenv("FAILING_FLUSH_OF");
  return of && std::string_view(of) == "database" ? path.ends_with("packwalk.db") : is_log(path);
}

void keep_on_disk(const std::string& path, int file, const std::set<off64_t>& pages) {
  static const auto write_real = real<Write>("pwrite64");
  const int disk = open((path + ".disk").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::array<char, page_bytes> bytes{};
  for (const off64_t page : pages) {
    const ssize_t size = pread64(file, bytes.data(), bytes.size(), page * page_bytes);
    if (size > 0 && write_real(disk, bytes.data(), static_cast<std::size_t>(size), page * page_bytes) != size) abort();
  }
  close(disk);
}

/// Counts one, and says whether it is the one that fails.
bool fails_now(const std::string& path, std::size_t lost) {
  static int flushes = 0;
  const char* number = std::getenv("FAILING_FLUSH");
  const bool fails = number && std::atoi(number) == ++flushes;
  const std::string line = path + (fails ? " fails, pages lost: " + std::to_string(lost) : std::string()) + "\n";
  if (const char* notes = std::getenv("FLUSHES")) {
    const int file = open(notes, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (write(file, line.data(), line.size()) < 0) abort();
    close(file);
  }
  return fails;
}

int flush(int file, Flush flush_real) {
  const std::string path = path_of(file);
  if (!is_log(path) && !is_of_interest(path)) return flush_real(file);
  const std::lock_guard lock(mutex);
  std::set<off64_t>& dirty = dirty_pages()[path];
  if (is_of_interest(path) && fails_now(path, dirty.size())) {
    dirty.clear();
    errno = EIO;
    return -1;
  }
  const int flushed = flush_real(file);
  if (flushed == 0 && is_log(path)) keep_on_disk(path, file, dirty);
  if (flushed == 0) dirty.clear();
  return flushed;
}

}  // namespace

extern "C" ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  static const auto write_real = real<Write>("pwrite64");
  const ssize_t written = write_real(file, bytes, size, offset);
  if (written <= 0) return written;
  const std::string path = path_of(file);
  if (!is_log(path)) return written;
  const std::lock_guard lock(mutex);
  for (off64_t page = offset / page_bytes; page <= (offset + written - 1) / page_bytes; ++page) {
    dirty_pages()[path].insert(page);
  }
  return written;
}
extern "C" ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return pwrite64(file, bytes, size, offset);
}
extern "C" int fsync(int file) {
  static const auto flush_real = real<Flush>("fsync");
  return flush(file, flush_real);
}
extern "C" int fdatasync(int file) {
  static const auto flush_real = real<Flush>("fdatasync");
  return flush(file, flush_real);
}
