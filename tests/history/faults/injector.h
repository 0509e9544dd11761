// Inside the server: the control page and the decisions drawn from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "history/faults/control_page.h"

namespace marconi::history::faults {

/// Null until the library is set up, and in a program that was given no page.
[[nodiscard]] ControlPage* page();

/// Whether this call fails, `share` being in a million.
[[nodiscard]] bool happens(ControlPage& page, const std::atomic<std::uint32_t>& share);

/// Takes up to `bytes` of the room there is and says how many that were.
[[nodiscard]] std::size_t take_room(ControlPage& page, std::size_t bytes);

/// Whether there is none left for anything new.
[[nodiscard]] bool is_full(const ControlPage& page);

/// Whether the path is the store's directory or below it.
[[nodiscard]] bool is_in_store(std::string_view path);

/// Remembers whether a descriptor is of a file or directory of the store.
void remember(int descriptor, bool is_of_store);
[[nodiscard]] bool is_of_store(int descriptor);

}  // namespace marconi::history::faults
