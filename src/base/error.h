// Errors as values: every operation below the transport returns Result<T>.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace marconi::base {

/// What a caller can do about an error. A kind exists only if some caller acts on it
/// differently; the wire status is derived from it in exactly one place (api).
enum class ErrorKind {
  invalid,                 ///< the request breaks a rule; repeating it unchanged is pointless
  unsupported_media_type,  ///< the body comes in a format this operation does not take
  forbidden,               ///< the caller may not do this
  queue_missing,           ///< the addressed queue does not exist
  message_missing,         ///< the addressed message does not exist or has expired
  claim_missing,           ///< the addressed claim does not exist or has ended
  conflict,                ///< the present state of the resource contradicts the request
  unavailable,             ///< the store cannot do this now; trying again later may work
  would_block,             ///< needs to wait for a disk; repeat with Patience::may_wait
  internal,                ///< a fault of our own
};

/// An error: its kind, and words for the person who has to act on it.
/// `title` and `description` may be empty where the layer above supplies its own words.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string title;
  std::string description;
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for returning an error that carries only a description.
inline std::unexpected<Error> fail(ErrorKind kind, std::string description = {}) {
  return std::unexpected(Error{kind, {}, std::move(description)});
}

}  // namespace marconi::base
