// For LD_PRELOAD: what Linux's page cache does to SQLite's log and database when a flush fails. Pages that were written
// since the flush before are marked clean, so they never reach the disk, and the next flush succeeds. What a power cut
// would leave of FILE is in FILE.disk. The flush whose number, from 1, is $FAILING_FLUSH fails, of the log or, with
// FAILING_FLUSH_OF=database, of the database; each is noted as a line in $FLUSHES. Lost pages of the log can still be
// read. Those of the database are evicted at once, and read as they were before, unless LOST_PAGES=stay.
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
#include <utility>

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
bool is_database(const std::string& path) { return path.ends_with("packwalk.db"); }
bool is_modelled(const std::string& path) { return is_log(path) || is_database(path); }
bool may_fail(const std::string& path) {
  const char* of = std::getenv("FAILING_FLUSH_OF");
  return of && std::string_view(of) == "database" ? is_database(path) : is_log(path);
}

bool lost_pages_stay() {
  const char* lost = std::getenv("LOST_PAGES");
  return lost && std::string_view(lost) == "stay";
}

int open_disk(const std::string& path) { return open((path + ".disk").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); }

void write_page(int file, off64_t page, const char* bytes, std::size_t size) {
  static const auto write_real = real<Write>("pwrite64");
  if (write_real(file, bytes, size, page * page_bytes) != static_cast<ssize_t>(size)) abort();
}

void keep_on_disk(int file, int disk, const std::set<off64_t>& pages) {
  std::array<char, page_bytes> bytes{};
  for (const off64_t page : pages) {
    const ssize_t size = pread64(file, bytes.data(), bytes.size(), page * page_bytes);
    if (size > 0) write_page(disk, page, bytes.data(), static_cast<std::size_t>(size));
  }
}

/// From now on they are read from the disk; zeros where nothing was ever written.
void evict(int file, int disk, const std::set<off64_t>& pages) {
  for (const off64_t page : pages) {
    std::array<char, page_bytes> bytes{};
    if (pread64(disk, bytes.data(), bytes.size(), page * page_bytes) < 0) abort();
    write_page(file, page, bytes.data(), bytes.size());
  }
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
  if (!is_modelled(path)) return flush_real(file);
  const std::lock_guard lock(mutex);
  const std::set<off64_t> dirty = std::exchange(dirty_pages()[path], {});
  const int disk = open_disk(path);
  const bool fails = may_fail(path) && fails_now(path, dirty.size());
  if (!fails) keep_on_disk(file, disk, dirty);
  if (fails && is_database(path) && !lost_pages_stay()) evict(file, disk, dirty);
  close(disk);
  if (!fails) return 0;
  errno = EIO;
  return -1;
}

}  // namespace

extern "C" ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  static const auto write_real = real<Write>("pwrite64");
  const ssize_t written = write_real(file, bytes, size, offset);
  if (written <= 0) return written;
  const std::string path = path_of(file);
  if (!is_modelled(path)) return written;
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
