#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

namespace packwalk {
namespace {

constexpr int gzip_window = 15 + 16;  // for zlib: the largest window, gzip only

Bytef* bytes_in(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }  // NOLINT

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

struct Limits {
  std::size_t bytes_max = 0;
  std::size_t by_ratio = 0;
  bool zeros_may_follow = false;
};

Result<std::string> unpacked(std::string_view packed, const Limits& limits, std::string* readable) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) return fail(Errc::unavailable, "not enough memory to unpack");
  const std::unique_ptr<z_stream, EndInflate> end(&stream);
  stream.next_in = bytes_in(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string bytes;
  std::array<char, 16384> chunk{};
  for (int code = Z_OK; code != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    code = inflate(&stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) {
      bytes.append(chunk.data(), chunk.size() - stream.avail_out);
      if (readable) *readable = std::move(bytes);
      return fail(Errc::invalid_input, code == Z_BUF_ERROR ? "gzip stream is cut short" : "is not a gzip stream");
    }
    bytes.append(chunk.data(), chunk.size() - stream.avail_out);
    if (bytes.size() > std::min(limits.bytes_max, limits.by_ratio)) {
      return fail(Errc::too_large, bytes.size() > limits.bytes_max
                                       ? "the unpacked body is too large"
                                       : "the unpacked body is too large for its packed size");
    }
    const std::string_view rest = packed.substr(packed.size() - stream.avail_in);
    if (limits.zeros_may_follow && code == Z_STREAM_END && rest.find_first_not_of('\0') == std::string_view::npos)
      break;
    // A gzip file may have several members, one after another.
    if (code == Z_STREAM_END && stream.avail_in > 0) code = inflateReset(&stream);
  }
  return bytes;
}

}  // namespace

Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max, std::string* readable) {
  return unpacked(packed, {bytes_max, unpacked_bytes_free + gzip_ratio_max * packed.size()}, readable);
}

Result<std::string> gunzip_file(std::string_view packed, std::size_t bytes_max, std::string* readable) {
  return unpacked(packed, {bytes_max, bytes_max, true}, readable);
}

bool looks_like_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

struct GzipStream::State {
  z_stream stream{};
};

GzipStream::GzipStream(int level) : state_(std::make_unique<State>()) {
  if (deflateInit2(&state_->stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
}

GzipStream::~GzipStream() { deflateEnd(&state_->stream); }

std::string GzipStream::add(std::string_view bytes) { return pack(bytes, Z_SYNC_FLUSH); }

std::string GzipStream::finish(std::string_view bytes) { return pack(bytes, Z_FINISH); }

/// With a flush, zlib may need some bytes more than its bound; another round has room for them.
std::string GzipStream::pack(std::string_view bytes, int flush) {
  constexpr std::size_t round_bytes = 64;
  z_stream& stream = state_->stream;
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  std::size_t size = 0;
  stream.next_in = bytes_in(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    stream.next_out = bytes_in(packed) + size;
    stream.avail_out = static_cast<uInt>(packed.size() - size);
    const int code = deflate(&stream, flush);
    size = packed.size() - stream.avail_out;
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) throw std::logic_error("zlib failed to compress");
    const bool is_done = flush == Z_FINISH ? code == Z_STREAM_END : stream.avail_out > 0;
    if (is_done) break;
    packed.resize(packed.size() + round_bytes);
  }
  packed.resize(size);
  return packed;
}

std::string gzip(std::string_view bytes) { return GzipStream(Z_DEFAULT_COMPRESSION).finish(bytes); }

}  // namespace packwalk
