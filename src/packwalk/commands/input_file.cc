#include "packwalk/commands/input_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/sha256.h"
#include "base/text.h"
#include "http/gzip.h"

namespace packwalk {
namespace {

constexpr std::string_view gzip_mark = "\x1F\x8B";

/// The greatest text to hold in memory: 4 GiB, but at most a quarter of the machine's memory or of `ulimit -v`. Growing
/// the text copies it, and the results need memory too.
std::size_t held_bytes_max() {
  constexpr std::size_t most = std::size_t{4} << 30;
  constexpr std::size_t parts = 4;
  std::size_t memory = most * parts;
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0)
    memory = std::min(memory, static_cast<std::size_t>(pages) * static_cast<std::size_t>(page));
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    memory = std::min(memory, static_cast<std::size_t>(limit.rlim_cur));
  }
  return memory / parts;
}

std::string text_of_bytes(std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

/// Owns a file descriptor, and closes it unless it is standard input.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : file_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)), error_(errno) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (file_ > STDIN_FILENO) ::close(file_);
  }
  int get() const { return file_; }
  int error() const { return error_; }

 private:
  int file_;
  int error_;
};

Failure cannot_read(int error) { return fail(Errc::not_found, std::string("cannot be read: ") + std::strerror(error)); }

Result<std::string> read_pipe(int file, std::size_t bytes_max) {
  std::string text;
  std::array<char, 65536> chunk{};
  while (true) {
    const ssize_t size = ::read(file, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return cannot_read(errno);
    if (size == 0) return text;
    if (text.size() + static_cast<std::size_t>(size) > bytes_max) {
      return fail(Errc::too_large, "is more than " + text_of_bytes(bytes_max) +
                                       ", which is too large for a pipe on this machine. Give the input as a file");
    }
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

struct Packed {
  std::string_view mark;
  const char* what;
};

/// Whether the text begins like a JSON object or an array of objects.
bool is_json(std::string_view text) {
  const auto next = [&text] {
    const std::size_t at = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    text.remove_prefix(at);
    const char first = text.empty() ? '\0' : text.front();
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    return first;
  };
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  char first = next();
  if (first == '[') first = next();
  if (first != '{') return false;
  const char inside = next();
  return inside == '"' || inside == '}';
}

/// The remedy for a file in an unsupported format.
std::optional<std::string> remedy_for(std::string_view text) {
  constexpr std::string_view zip_mark = "PK\x03\x04";
  if (text.starts_with(zip_mark)) {
    constexpr std::size_t names_within = 4096;
    const bool is_sheet = text.substr(0, names_within).find("[Content_Types].xml") != std::string_view::npos;
    return is_sheet ? "is a spreadsheet. Save it as CSV"
                    : "is a zip archive. Unpack it first, for example with unzip -p FILE | packwalk .. -";
  }
  constexpr Packed others[] = {{"BZh", "bzip2"},
                               {"\x28\xB5\x2F\xFD", "zstd"},
                               {"\xFD"
                                "7zXZ",
                                "xz"},
                               {"7z\xBC\xAF", "7-Zip"},
                               {"Rar!", "rar"}};
  for (const Packed& other : others) {
    if (text.starts_with(other.mark)) return "is packed by " + std::string(other.what) + ". Unpack it first";
  }
  constexpr std::size_t fit_mark_at = 8;
  if (text.substr(0, 12).substr(std::min(text.size(), fit_mark_at)) == ".FIT")
    return "is a FIT file. Convert it to GPX first";
  if (is_json(text)) {
    return "is JSON, but this command reads CSV and GPX. Convert it first. `packwalk simulate` writes the same tracks "
           "to fixes.csv, beside uploads.ndjson";
  }
  return std::nullopt;
}

}  // namespace

Result<InputFile> InputFile::open(const std::string& path, Digest digest) {
  const OpenFile file(path);
  struct stat about {};
  if (file.get() < 0) return cannot_read(file.error());
  if (::fstat(file.get(), &about) != 0) return cannot_read(errno);
  if (S_ISDIR(about.st_mode)) return cannot_read(EISDIR);
  InputFile input;
  const auto size = static_cast<std::size_t>(about.st_size);
  if (S_ISREG(about.st_mode) && size > 0 && ::lseek(file.get(), 0, SEEK_CUR) == 0) {
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (bytes == MAP_FAILED) return cannot_read(errno);
    input.mapped_ = {static_cast<const char*>(bytes), size};
  } else {
    auto text = read_pipe(file.get(), held_bytes_max());
    if (!text) return text.failure();
    input.read_ = *std::move(text);
  }
  input.bytes_ = input.text().size();
  if (digest == Digest::sha256) input.sha256_ = sha256_text(input.text());
  if (auto unpacked = input.unpack(); !unpacked) return unpacked.failure();
  return input;
}

Result<void> InputFile::unpack() {
  constexpr std::ptrdiff_t lines_least = 2;  // a header, and a row
  if (text().starts_with(gzip_mark)) {
    const std::size_t bytes_max = held_bytes_max();
    std::string readable;
    auto text_of_it = gunzip_file(text(), bytes_max, &readable);
    if (!text_of_it && std::count(readable.begin(), readable.end(), '\n') >= lines_least) {
      warning_ = "is packed by gzip, and " + text_of_it.error().detail + ". Packwalk reads the part before that";
      text_of_it = std::move(readable);
    }
    if (!text_of_it && text_of_it.error().code == Errc::too_large) {
      return fail(Errc::too_large, "is packed by gzip, and " + text_of_it.error().detail + " (more than " +
                                       text_of_bytes(bytes_max) + "). Unpack it first");
    }
    if (!text_of_it) return fail(text_of_it.error().code, "is packed by gzip, and " + text_of_it.error().detail);
    if (!mapped_.empty()) ::munmap(const_cast<char*>(mapped_.data()), mapped_.size());
    mapped_ = {};
    read_ = *std::move(text_of_it);
  }
  if (auto remedy = remedy_for(text())) return fail(Errc::invalid_input, *std::move(remedy));
  return {};
}

InputFile::InputFile(InputFile&& other) noexcept
    : mapped_(std::exchange(other.mapped_, {})),
      read_(std::move(other.read_)),
      bytes_(other.bytes_),
      sha256_(std::move(other.sha256_)),
      warning_(std::move(other.warning_)) {}

InputFile::~InputFile() {
  if (!mapped_.empty()) ::munmap(const_cast<char*>(mapped_.data()), mapped_.size());
}

std::string device_of_path(const std::string& path) {
  if (path == "-") return "stdin";
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (lower_case(name.extension().string()) == ".gz") name = name.stem();
  return name.stem().empty() ? "file" : name.stem().string();
}

}  // namespace packwalk
