// Identifiers that a store hands out and clients bring back unread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace marconi::domain {

/// Names a message inside its queue. Opaque; compared as text.
struct MessageId {
  std::string text;
  friend auto operator<=>(const MessageId&, const MessageId&) = default;
};

/// Names a claim inside its queue. Opaque; compared as text.
struct ClaimId {
  std::string text;
  friend auto operator<=>(const ClaimId&, const ClaimId&) = default;
};

/// A position in the order of delivery of a queue's messages. Markers of acknowledged posts grow
/// in the order of the posts; they are never reused and never derived from surviving messages.
struct Marker {
  std::uint64_t value = 0;

  /// The text form used in `marker` parameters: decimal digits without sign or leading zeros.
  [[nodiscard]] std::string to_string() const { return std::to_string(value); }

  /// Nothing if the text is not the text form of a marker.
  [[nodiscard]] static std::optional<Marker> from(std::string_view text);

  friend auto operator<=>(const Marker&, const Marker&) = default;
};

}  // namespace marconi::domain
