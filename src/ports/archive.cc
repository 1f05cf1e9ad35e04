#include "ports/archive.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace packwalk {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

const EVP_MD* md5() {
  static const std::unique_ptr<EVP_MD, FreeDigest> found(EVP_MD_fetch(nullptr, "MD5", nullptr));
  if (!found) throw std::runtime_error("this system's OpenSSL has no MD5");
  return found.get();
}

}  // namespace

std::uint64_t digest_hash(DeviceNumber device, const StoredMessage& message) {
  std::string text;
  text.reserve(96 + message.reason.size() + message.content.size());
  const auto append = [&](auto number) { text.append(std::to_string(number)).push_back(' '); };
  append(device.value);
  append(microseconds_since_1970(message.received_at));
  append(message.ordinal);
  append(static_cast<unsigned>(message.transport));
  append(static_cast<unsigned>(message.verdict));
  append(message.hash);
  append(message.reason.size());
  text.append(message.reason).append(" ").append(message.content);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, md5(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute MD5");
  }
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | digest.at(i);
  return hash;
}

}  // namespace packwalk
