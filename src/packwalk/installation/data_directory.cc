#include "packwalk/installation/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/token.h"

namespace packwalk {
namespace {

std::string error_text() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe): at start, one thread

constexpr std::size_t admin_token_characters_min = 32;
constexpr std::size_t admin_token_characters_max = 256;

/// Whether the text is visible ASCII, which an HTTP header can hold.
bool is_visible(char c) { return c > ' ' && c <= '~'; }

/// Writes a temporary file and renames it, so that no reader sees half of it. Replaces a file or link of that name, and
/// never writes into it.
Result<void> write_whole_file(const std::string& path, const std::string& text, mode_t mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (file < 0) return fail(Errc::unavailable, "cannot write " + beside + ": " + error_text());
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) {
    return fail(Errc::unavailable, "cannot write " + path + ": " + error_text());
  }
  return {};
}

class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(descriptor_); }

 private:
  const int descriptor_;
};

/// The permission bits that let others than its owner enter a folder; 0 if it is missing.
mode_t entered_by_others(const std::string& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? status.st_mode & 011U : 0;
}

/// Whether those who may enter the folder may read the file.
bool is_readable(const std::string& file, mode_t entered) {
  constexpr unsigned to_read = 2;  // from a bit "may enter" to "may read"
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 && (status.st_mode & (entered << to_read)) != 0;
}

/// The regular files of a folder that those who may enter it may read, in the order of their names.
std::vector<std::string> readable_files(const std::string& folder, mode_t entered) {
  std::vector<std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    std::error_code ignored;
    if (each->is_regular_file(ignored) && is_readable(each->path(), entered)) found.push_back(each->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Flushes the names in a folder to disk.
Result<void> flush_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = file >= 0 && ::fsync(file) == 0;
  const std::string why = error_text();
  if (file >= 0) ::close(file);
  if (!flushed) return fail(Errc::unavailable, "cannot flush the folder " + folder.string() + ": " + why);
  return {};
}

/// Creates a folder and its missing parents, and flushes their names to disk, so that a power cut does not lose them
/// with their content.
Result<void> make_folders(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder, error)) return {};
  const auto parent = folder.parent_path();
  if (auto made = make_folders(parent); !made) return made;
  std::filesystem::create_directory(folder, error);
  if (error) return fail(Errc::unavailable, error.message());
  return flush_folder(parent);
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(path, error);
  const auto made = make_folders(std::filesystem::absolute(path).lexically_normal());
  if (made && is_new) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (!made || error || !std::filesystem::is_directory(path)) {
    const std::string why = made ? (error ? ": " + error.message() : "") : ": " + made.error().detail;
    return fail(Errc::unavailable, "cannot create the data folder " + path + why);
  }
  return DataDirectory(path);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_file_(std::exchange(other.lock_file_, -1)) {}

DataDirectory::~DataDirectory() { unlock(); }

void DataDirectory::unlock() {
  if (is_locked()) ::close(std::exchange(lock_file_, -1));
}

Result<void> DataDirectory::lock() {
  const std::string path = file("packwalk.lock");
  lock_file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock_file_ < 0) return fail(Errc::unavailable, "cannot open " + path + ": " + error_text());
  if (::flock(lock_file_, LOCK_EX | LOCK_NB) != 0) {
    unlock();
    return fail(Errc::conflict, "another packwalk uses " + path_ + " already. Stop it, or use another --data");
  }
  return {};
}

Result<std::string> DataDirectory::read_admin_token() const {
  const std::string path = file("admin.token");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(errno == ENOENT ? Errc::not_found : Errc::unavailable,
                "Cannot read " + path + ": " + error_text() + ".");
  }
  const OpenFile owner(descriptor);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(Errc::invalid_input, path + " is not a regular file. Remove it, and packwalk creates a new one.");
  }
  if ((status.st_mode & 077U) != 0) {
    return fail(Errc::invalid_input, "Other users of this machine may read or change " + path +
                                         ". Make it private with `chmod 600 " + path + "`, or replace the token.");
  }
  std::array<char, admin_token_characters_max + 2> text{};
  const ssize_t size = ::read(descriptor, text.data(), text.size());
  if (size < 0) return fail(Errc::unavailable, "Cannot read " + path + ": " + error_text() + ".");
  const std::string_view token = trimmed({text.data(), static_cast<std::size_t>(size)});
  if (token.size() < admin_token_characters_min || token.size() > admin_token_characters_max) {
    return fail(Errc::invalid_input, "The token in " + path + " must have 32 to 256 characters. Remove the file, and " +
                                         "packwalk creates a new one.");
  }
  if (!std::all_of(token.begin(), token.end(), is_visible)) {
    return fail(Errc::invalid_input,
                "The token in " + path + " contains characters that a request cannot send. Use " +
                    "visible ASCII without blanks, in one line. Or remove the file, and packwalk " +
                    "makes a new one.");
  }
  return std::string(token);
}

std::vector<Finding> DataDirectory::examine_permissions() const {
  Findings findings("data folder");
  for (const std::string& folder : {path_, file("queue")}) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 || (status.st_mode & 011U) == 0)
      break;  // no other user can reach the folders below
    if ((status.st_mode & 022U) == 0) continue;
    findings.fault("other users of this machine may write into " + folder + ", and so replace its files",
                   "run `chmod go-w " + folder + "`");
  }
  const mode_t entered = entered_by_others(path_);
  for (const char* name : {"packwalk.db", "packwalk.db-wal", "packwalk.db-shm"}) {
    if (is_readable(file(name), entered)) {
      findings.doubt("other users of this machine may read " + file(name),
                     "run `chmod go-rwx " + file(name) + "`, or `chmod 700 " + path_ + "`");
    }
  }
  const std::string queue = file("queue");
  const auto readable = readable_files(queue, entered & entered_by_others(queue));
  if (!readable.empty()) {
    findings.doubt(
        "other users of this machine may read packets in " + readable.front() +
            (readable.size() > 1 ? " and " + counted(static_cast<std::int64_t>(readable.size()) - 1, "other file")
                                 : ""),
        "run `chmod 700 " + queue + "`");
  }
  return std::move(findings).all();
}

Result<std::string> DataDirectory::admin_token() const {
  auto token = read_admin_token();
  if (token || token.error().code != Errc::not_found) return token;
  token = make_token();
  if (auto written = write_whole_file(file("admin.token"), *token + "\n", 0600); !written) {
    return written.failure();
  }
  return token;
}

Result<void> DataDirectory::write_listen(const std::string& address, const std::string& ops_address) const {
  if (auto written = write_whole_file(file("ops.listen"), ops_address + "\n", 0644); !written) return written;
  return write_whole_file(file("listen"), address + "\n", 0644);
}

void DataDirectory::remove_listen() const {
  std::error_code ignored;
  for (const char* name : {"listen", "ops.listen"}) std::filesystem::remove(file(name), ignored);
}

bool lets_others_read(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  return is_readable(file, entered_by_others(folder.empty() ? "." : folder.string()));
}

}  // namespace packwalk
