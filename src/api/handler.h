// The door between transport and api: requests and responses without sockets, and the handler
// that turns one into the other. Transport knows nothing of the application but this header.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/call.h"

namespace marconi::api {

struct Header {
  std::string_view name;   ///< as sent; names compare without regard to case
  std::string_view value;  ///< without surrounding white space
};

/// One request. All views point into memory of the transport and live for the call.
struct Request {
  std::string_view method;          ///< as sent, case-sensitive
  std::string_view target;          ///< the origin form as sent: path, `?`, query; still encoded
  std::span<const Header> headers;  ///< in the order sent; repeated names stay repeated
  std::string_view request_id;      ///< assigned by the transport

  /// The size of the body in bytes: what Content-Length announced, or what a chunked body turned
  /// out to have. Absent if the request has no body at all (neither header).
  std::optional<std::uint64_t> content_length;

  /// The body. Empty if there is none, or if `content_length` exceeds what `body_limit` allowed,
  /// in which case the transport did not read it. At least kBodyPadding readable bytes follow
  /// its end, so that a parser may read ahead.
  std::string_view body;

  static constexpr std::size_t kBodyPadding = 64;

  /// The first header of this name, if any.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// One answer. The transport adds Content-Length (unless `omit_content_length`), X-Request-Id,
/// `Retry-After` on every 503, and Connection where needed; nothing else.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// 204 carries neither Content-Length nor Content-Type (http-v1 §1.9).
  bool omit_content_length = false;

  /// What Content-Length says although no body is sent (answers to HEAD), if not the body's size.
  std::optional<std::uint64_t> announced_length;

  /// The answer must not be sent before this ticket is durable; if it fails, the transport sends
  /// the answer of Handler::on_commit_failure instead.
  base::CommitTicket ticket;

  /// The request must be handled again with Patience::may_wait, on a thread that may wait;
  /// nothing was changed and the other members mean nothing.
  bool would_block = false;
};

/// The application as the transport sees it. Thread-safe; never throws.
class Handler {
 public:
  virtual ~Handler() = default;

  /// The largest body, in bytes, that `handle` wants to see of a request with this method and
  /// target. A larger one need not be read: `handle` refuses it by its size.
  [[nodiscard]] virtual std::uint64_t body_limit(std::string_view method,
                                                 std::string_view target) const = 0;

  /// The least of what `body_limit` answers: up to this size it need not be asked.
  [[nodiscard]] virtual std::uint64_t least_body_limit() const { return 0; }

  /// Answers a request.
  virtual Response handle(const Request& request, base::Patience patience) = 0;

  /// The answer to a request whose changes could not be made durable: a 503.
  [[nodiscard]] virtual Response on_commit_failure(const Request& request) const = 0;

  /// The 503 for a request that the transport turns away for want of room.
  [[nodiscard]] virtual Response on_overload() const = 0;
};

}  // namespace marconi::api
