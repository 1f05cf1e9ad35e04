#include "base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <new>

#include "base/hexadecimal.h"

namespace packwalk {

std::string sha256_text(std::string_view bytes) {
  std::array<unsigned char, 32> hash{};
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  std::string text;
  for (const unsigned char byte : hash) {
    text.push_back(hexadecimal_digits[byte >> 4U]);
    text.push_back(hexadecimal_digits[byte & 0xFU]);
  }
  return text;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, 32> hash{};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), hash.data(), nullptr)) {
    throw std::bad_alloc();
  }
  return {hash.begin(), hash.end()};
}

std::string hkdf_sha256(std::string_view secret, std::string_view purpose) {
  const std::string no_salt(32, '\0');
  return hmac_sha256(hmac_sha256(no_salt, secret), std::string(purpose) + '\x01');
}

}  // namespace packwalk
