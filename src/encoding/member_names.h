// What repeated names in a JSON object mean. Internal to this room.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace marconi::encoding {

/// Where the members of an object are to be taken from, given their names in the order received:
/// one index for each distinct name, in the order of the names' first places, leading to the
/// name's last place (http-v1 §1.8). Takes n log n steps whatever the names.
[[nodiscard]] std::vector<std::size_t> effective_members(std::span<const std::string_view> names);

}  // namespace marconi::encoding
