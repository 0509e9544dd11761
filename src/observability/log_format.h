// How a line is written, apart from its time and level, which the output puts in front.
#pragma once

#include <cstdint>
#include <string>

#include "observability/log.h"

namespace marconi::observability {

/// `room: message key=value key="two words" request_id=…`. One line whatever the values hold:
/// control characters and bytes that are not UTF-8 are escaped as in C. `suppressed`, if not
/// zero, tells how many equal lines were left out before.
[[nodiscard]] std::string format_text(const Record& record, std::uint64_t suppressed = 0);

/// `"room":"…","message":"…","key":value,…`: the members of a JSON object, without its braces.
/// Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string format_json_members(const Record& record, std::uint64_t suppressed = 0);

}  // namespace marconi::observability
