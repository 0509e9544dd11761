// The file journal: what a server did to the files of its store, as far as it matters for what a
// disk would hold after a power loss. The library appends to it, the torture program reads it.
//
// Lines of text, each written by one call, so that a server killed at any moment leaves whole
// ones. Files go by inode number, since names change. Paths come last and contain no line breaks.
//
//   created INODE PATH          after it was made, empty
//   synced INODE SIZE           after a sync; SIZE is from before it
//   spoiled INODE               a sync failed: whatever was not synced before it will never be
//   rewritten INODE             written elsewhere than at its end; such stores are not modelled
//   shortened INODE SIZE        after it was cut
//   renaming INODE SPARE FROM<TAB>TO
//                               before it; SPARE is the number of a copy of what TO named, or 0
//   removing INODE SPARE PATH   before it
//   names-synced OFFSET PATH    a sync of a directory: renamings, removals and creations in it that
//                               are noted below this offset of the journal are safe
#pragma once

#include <string_view>

namespace marconi::history::faults {

inline constexpr std::string_view kCreated = "created";
inline constexpr std::string_view kSynced = "synced";
inline constexpr std::string_view kSpoiled = "spoiled";
inline constexpr std::string_view kRewritten = "rewritten";
inline constexpr std::string_view kShortened = "shortened";
inline constexpr std::string_view kRenaming = "renaming";
inline constexpr std::string_view kRemoving = "removing";
inline constexpr std::string_view kNamesSynced = "names-synced";

}  // namespace marconi::history::faults
