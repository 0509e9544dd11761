// Reads the head of a request: request line and header fields.
//
// Why not Beast's parser: it forgives what this server must refuse (obsolete folding, repeated
// lengths, control characters in places), so every head would have to be read by ourselves first
// and parsed again by Beast, which copies each field into memory of its own. This one knows no
// leniency at all: it takes the grammar of RFC 9112 literally and refuses the rest, leaves the
// fields where they are, and is fuzzed (head_fuzz.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "api/handler.h"
#include "transport/http/refusal.h"

namespace marconi::transport::http {

struct HeadLimits {
  std::size_t bytes = 16 * 1024;
  std::size_t target_bytes = 8 * 1024;
  std::size_t fields = 100;
};

/// Finds where a head ends while it is still arriving, looking at each byte once.
class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

  /// `text` is everything received since the head began; it only grows from call to call.
  /// Returns the length of the head including the empty line that ends it, or 0 if that has not
  /// arrived. What can be refused early is: bare line feeds, and lengths beyond the limits.
  std::expected<std::size_t, Refusal> scan(std::string_view text);

 private:
  [[nodiscard]] Refusal too_long() const;

  HeadLimits limits_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
};

/// A head that has been read. The views point into the text it was read from.
struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< origin form, or `*`; scheme and authority are stripped
  std::vector<api::Header> headers;

  std::optional<std::uint64_t> content_length;  ///< below 2^63
  bool chunked = false;
  bool expects_continue = false;
  bool is_http_1_0 = false;
  bool keep_alive = true;  ///< whether the client wants the connection to go on

  /// Forgets everything but the memory.
  void clear();
};

/// Reads a complete head, `text` being what HeadScanner found, into `head`, whose memory is used
/// again. After a refusal `head` holds what was read before the fault.
std::expected<void, Refusal> parse_head(std::string_view text, const HeadLimits& limits,
                                        RequestHead& head);

}  // namespace marconi::transport::http
