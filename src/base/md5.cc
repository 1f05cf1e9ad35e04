#include "base/md5.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace packwalk {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

const EVP_MD* md5() {
  static const std::unique_ptr<EVP_MD, FreeDigest> found(EVP_MD_fetch(nullptr, "MD5", nullptr));
  if (!found) throw std::runtime_error("OpenSSL on this system has no MD5");
  return found.get();
}

}  // namespace

std::uint64_t md5_head(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, md5(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute MD5");
  }
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | digest.at(i);
  return hash;
}

}  // namespace packwalk
