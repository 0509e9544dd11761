// Decodes a chunked request body (RFC 9112, section 7.1) where it lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "transport/http/refusal.h"

namespace marconi::transport::http {

/// As strict as the head parser: hexadecimal sizes, CRLF everywhere; extensions and trailer
/// fields are skipped and bounded.
class ChunkedDecoder {
 public:
  /// `limit`: bytes of body to accept.
  explicit ChunkedDecoder(std::uint64_t limit) : limit_(limit) {}

  /// What a call to `decode` found.
  struct Step {
    std::size_t decoded = 0;   ///< body bytes, now at the front of the input
    std::size_t consumed = 0;  ///< input bytes used up; the rest must be offered again
  };

  /// Decodes as much of `input`, the bytes that follow those consumed before, as it can.
  std::expected<Step, Refusal> decode(std::span<char> input);

  /// Whether the last chunk and the trailer have been read.
  [[nodiscard]] bool is_done() const { return state_ == State::done; }

  /// Whether the body is larger than the limit; no more can be decoded.
  [[nodiscard]] bool is_too_large() const { return state_ == State::too_large; }

 private:
  enum class State { size_line, data, data_end, trailer, done, too_large };

  bool read_size_line(std::span<const char> line);
  bool read_trailer_line(std::span<const char> line);

  std::uint64_t limit_;
  State state_ = State::size_line;
  std::uint64_t total_ = 0;  // announced by all chunks so far
  std::uint64_t left_ = 0;   // of the current chunk
  std::size_t trailer_bytes_ = 0;
};

}  // namespace marconi::transport::http
