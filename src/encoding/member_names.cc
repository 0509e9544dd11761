#include "encoding/member_names.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace marconi::encoding {

std::vector<std::size_t> effective_members(std::span<const std::string_view> names) {
  std::vector<std::size_t> by_name(names.size());
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::ranges::sort(by_name, {}, [names](std::size_t i) { return std::pair(names[i], i); });

  const std::size_t none = names.size();
  std::vector<std::size_t> last_of(names.size(), none);  // set at first places only
  for (std::size_t i = 0, first = 0; i < by_name.size(); ++i) {
    if (names[by_name[i]] != names[by_name[first]]) first = i;
    last_of[by_name[first]] = by_name[i];
  }
  std::erase(last_of, none);
  return last_of;
}

}  // namespace marconi::encoding
