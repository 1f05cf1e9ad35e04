#include "base/sealed_text.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>

namespace packwalk {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

void require(int outcome) {
  if (outcome != 1) throw std::runtime_error("AES-256-GCM failed");
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

enum class Direction { open, seal };

/// Has taken the key, the nonce and the context.
Cipher begin(Direction direction, const SealKey& key, std::string_view nonce, std::string_view context) {
  Cipher cipher(EVP_CIPHER_CTX_new());
  if (!cipher) throw std::runtime_error("no memory for AES-256-GCM");
  const int encrypts = direction == Direction::seal ? 1 : 0;
  require(EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(nonce), encrypts));
  int size = 0;
  require(EVP_CipherUpdate(cipher.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())));
  return cipher;
}

}  // namespace

std::string seal(const SealKey& key, std::string_view text, std::string_view context) {
  std::string sealed(nonce_size + text.size() + tag_size, '\0');
  require(RAND_bytes(bytes_of(sealed), nonce_size));
  const Cipher cipher = begin(Direction::seal, key, std::string_view(sealed).substr(0, nonce_size), context);
  int size = 0;
  unsigned char* const encrypted = bytes_of(sealed) + nonce_size;
  require(EVP_CipherUpdate(cipher.get(), encrypted, &size, bytes_of(text), static_cast<int>(text.size())));
  require(EVP_CipherFinal_ex(cipher.get(), encrypted + text.size(), &size));
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, encrypted + text.size()));
  return sealed;
}

std::optional<std::string> open_seal(const SealKey& key, std::string_view sealed, std::string_view context) {
  if (sealed.size() < nonce_size + tag_size) return std::nullopt;
  const Cipher cipher = begin(Direction::open, key, sealed.substr(0, nonce_size), context);
  const std::string_view encrypted = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size));
  std::string text(encrypted.size() + 1, '\0');  // never empty, as the library writes to its address
  int size = 0;
  require(
      EVP_CipherUpdate(cipher.get(), bytes_of(text), &size, bytes_of(encrypted), static_cast<int>(encrypted.size())));
  text.resize(encrypted.size());
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()));
  std::array<unsigned char, tag_size> rest{};
  if (EVP_CipherFinal_ex(cipher.get(), rest.data(), &size) != 1) return std::nullopt;
  return text;
}

}  // namespace packwalk
