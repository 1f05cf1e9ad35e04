#include "packwalk/commands/device_tokens.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "adapters/system/system_clock.h"
#include "base/text.h"
#include "collars/live_sink.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

constexpr std::size_t devices_named_max = 5;

std::optional<std::string> text_of_file(const std::string& path) {
  const std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(" \t\r\n")); }

/// Adds the lines `id,token` of `text`. A device that is already known keeps its token.
Result<void> add_tokens(const std::string& text, const std::string& path, DeviceTokens& tokens) {
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = next_line(text, at);
    ++number;
    if (line.empty()) continue;
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos || comma == 0 || comma + 1 == line.size()) {
      return fail(Errc::invalid_input, path + ": line " + std::to_string(number) + " is not ID,TOKEN");
    }
    tokens.try_emplace(std::string(line.substr(0, comma)), line.substr(comma + 1));
  }
  return {};
}

/// The file of tokens that this program creates, locked against other programs that create some.
class TokenFile {
 public:
  static Result<TokenFile> open(const std::string& path) {
    TokenFile file(path, ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.descriptor_ < 0 || ::flock(file.descriptor_, LOCK_EX) != 0) {
      return fail(Errc::unavailable, "cannot open " + path);
    }
    return file;
  }
  TokenFile(TokenFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  TokenFile& operator=(TokenFile&&) = delete;
  ~TokenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// On disk when it returns.
  Result<void> append(const std::string& lines) const {
    if (::write(descriptor_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()) ||
        ::fsync(descriptor_) != 0) {
      return fail(Errc::unavailable, "cannot write " + path_);
    }
    return {};
  }

  /// Overwrites lines with blanks, so that a crash leaves the rest as it is.
  Result<void> blank(std::size_t from, std::size_t size) const {
    const int writer = ::open(path_.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);  // a descriptor that does not append
    const std::string blanks(size, '\n');
    const bool done = writer >= 0 &&
                      ::pwrite(writer, blanks.data(), size, static_cast<off_t>(from)) == static_cast<ssize_t>(size) &&
                      ::fsync(writer) == 0;
    if (writer >= 0) ::close(writer);
    return done ? Result<void>() : fail(Errc::unavailable, "cannot write " + path_);
  }

 private:
  TokenFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;
};

Failure unknown_tokens(const std::vector<std::string>& ids, const std::string& why) {
  std::string sentence = why + ": ";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i == devices_named_max) {
      sentence.append(" and ").append(std::to_string(ids.size() - i)).append(" more");
      break;
    }
    sentence.append(i == 0 ? "" : ", ").append(ids[i]);
  }
  return fail(Errc::not_found, sentence + ". Give --tokens FILE with lines ID,TOKEN");
}

/// The devices that do not exist. Errc::conflict names one that was removed.
Result<std::vector<DeviceId>> missing_from(DeviceRegistry& registry, const std::vector<DeviceId>& devices) {
  std::vector<DeviceId> missing;
  for (const DeviceId& device : devices) {
    const auto found = registry.find(device);
    if (!found) return found.failure();
    if (!*found) {
      missing.push_back(device);
    } else if ((*found)->device.removed_at) {
      return fail(Errc::conflict, "device " + device.text() + " was removed. Bring it back with `packwalk device add`");
    }
  }
  return missing;
}

/// Writes the tokens before it creates the devices, so that the next run can continue after a crash.
Result<void> make_missing(Installation& installation, const std::vector<DeviceId>& devices, DeviceTokens& tokens) {
  if (const auto there = installation.store(); !there) return there.failure();  // before a file is created
  const std::string path = installation.path_of("replay.tokens");
  const auto file = TokenFile::open(path);
  if (!file) return file.failure();
  if (auto added = add_tokens(text_of_file(path).value_or(""), path, tokens); !added) return added;
  const auto registry = installation.device_registry();
  if (!registry) return registry.failure();
  const auto missing = missing_from(**registry, devices);
  if (!missing) return missing.failure();
  std::string lines;
  std::vector<NewDevice> added;
  for (const DeviceId& device : *missing) {
    const auto [token, is_new] = tokens.try_emplace(device.text(), "");
    if (is_new) {
      token->second = make_token();
      lines.append(device.text()).append(",").append(token->second).append("\n");
    }
    added.push_back({device, hash_of_token(token->second)});
  }
  if (added.empty()) return {};
  if (auto written = file->append(lines); !written) return written;
  return (*registry)->add(added, make_system_clock()->now());
}

/// The installation of --data, if it is given.
Result<void> has_folder(const SendTarget& target) {
  std::error_code ignored;
  if (target.installation.data.empty() || std::filesystem::is_directory(target.installation.data, ignored)) return {};
  return fail(Errc::not_found,
              "there is no folder " + target.installation.data + ". Check that --data names the folder of your server");
}

}  // namespace

Result<void> forget_made_token(const DataDirectory& directory, const DeviceId& device) {
  const std::string path = directory.file("replay.tokens");
  if (!text_of_file(path)) return {};
  const auto file = TokenFile::open(path);
  if (!file) return file.failure();
  const std::string text = text_of_file(path).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    if (!next_line(text, at).starts_with(device.text() + ",")) continue;
    if (auto blanked = file->blank(from, at - from); !blanked) return blanked;
  }
  return {};
}

Result<void> checked(const SendTarget& target) {
  if (target.url.empty() && target.installation.data.empty()) {
    return fail(Errc::invalid_input, "the server is not named. Give --url http://HOST:PORT or --data DIR");
  }
  if (target.tokens.empty() && target.installation.data.empty()) {
    return fail(Errc::invalid_input, "the tokens are missing. Give --tokens FILE with lines ID,TOKEN, or --data DIR");
  }
  if (target.url.empty()) return {};
  if (const auto address = server_address_from(target.url); !address) {
    return fail(Errc::invalid_input, "--url: " + address.error().detail);
  }
  return {};
}

Result<ServerAddress> address_of(const SendTarget& target) {
  if (!target.url.empty()) return server_address_from(target.url);
  const std::string path = target.installation.data + "/listen";
  if (auto there = has_folder(target); !there) return there.failure();
  const auto text = text_of_file(path);
  if (!text) return fail(Errc::not_found, "there is no " + path + ". Check that `packwalk serve --data DIR` runs");
  return server_address_from(first_word(*text));
}

Result<std::optional<std::string>> admin_token_of(const SendTarget& target) {
  if (target.admin_token.empty() && target.installation.data.empty()) return std::optional<std::string>();
  if (auto there = has_folder(target); !there) return there.failure();
  const std::string path = target.admin_token.empty() ? target.installation.data + "/admin.token" : target.admin_token;
  const auto text = text_of_file(path);
  if (!text) return fail(Errc::not_found, "cannot read " + path);
  return std::optional(first_word(*text));
}

Result<DeviceTokens> tokens_for(const std::vector<DeviceId>& devices, const SendTarget& target) {
  if (auto there = has_folder(target); !there) return there.failure();
  DeviceTokens tokens;
  if (!target.tokens.empty()) {
    const auto text = text_of_file(target.tokens);
    if (!text) return fail(Errc::not_found, "cannot read " + target.tokens);
    if (auto added = add_tokens(*text, target.tokens, tokens); !added) return added.failure();
  }
  if (!target.installation.data.empty()) {
    auto installation = Installation::open(target.installation);
    if (!installation) return installation.failure();
    if (auto made = make_missing(*installation, devices, tokens); !made) return made.failure();
  }
  std::vector<std::string> unknown;
  for (const DeviceId& device : devices) {
    if (!tokens.contains(device.text())) unknown.push_back(device.text());
  }
  if (!unknown.empty()) return unknown_tokens(unknown, "the tokens of these devices are unknown");
  return tokens;
}

Result<std::unique_ptr<UploadSink>> open_live_sink(const SendTarget& target, const std::vector<std::string>& devices) {
  const auto address = address_of(target);
  if (!address) return address.failure();
  std::vector<DeviceId> ids;
  for (const std::string& device : devices) {
    auto id = DeviceId::from_text(device);
    if (!id) return id.failure();
    ids.push_back(*std::move(id));
  }
  auto tokens = tokens_for(ids, target);
  if (!tokens) return tokens.failure();
  return make_live_sink(*address, *std::move(tokens));
}

}  // namespace packwalk
