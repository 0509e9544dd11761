#include "config/option_table.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "config/options/options.h"

namespace marconi::config {

OptionTable::OptionTable(std::vector<Option> options, std::vector<OpenGroup> open_groups)
    : options_(std::move(options)), open_groups_(std::move(open_groups)) {
  const auto add = [this](Key key, Match match) {
    [[maybe_unused]] const auto other = by_name_.find(key);
    assert((other == by_name_.end() || (match.alias && other->second.alias)) &&
           "an option's own name is declared twice");
    by_name_.emplace(key, match);
  };
  for (const auto& option : options_) {
    add({option.group, option.name}, {&option, nullptr});
    for (const auto& alias : option.aliases) add({alias.group, alias.name}, {&option, &alias});
  }
}

OptionTable OptionTable::standard() {
  std::vector<Option> all;
  for (auto* part : {service_options, log_options, driver_options, own_store_options,
                     mongodb_options, foreign_store_options, server_options, transport_options,
                     feature_options, library_options}) {
    std::ranges::move(part(), std::back_inserter(all));
  }
  return OptionTable(std::move(all), standard_open_groups());
}

std::optional<OptionTable::Match> OptionTable::find(std::string_view group,
                                                    std::string_view name) const {
  const auto found = by_name_.lower_bound({group, name});  // the first that was declared
  if (found == by_name_.end() || found->first != Key{group, name}) return std::nullopt;
  return found->second;
}

std::vector<OptionTable::Match> OptionTable::find_all(std::string_view group,
                                                      std::string_view name) const {
  std::vector<Match> all;
  const auto [first, end] = by_name_.equal_range({group, name});
  for (auto found = first; found != end; ++found) all.push_back(found->second);
  return all;
}

const OpenGroup* OptionTable::find_open_group(std::string_view group) const {
  const auto found = std::ranges::find_if(open_groups_, [group](const OpenGroup& open) {
    return open.prefix ? group.starts_with(open.name) : group == open.name;
  });
  return found == open_groups_.end() ? nullptr : &*found;
}

bool OptionTable::knows_group(std::string_view group) const {
  const auto first = by_name_.lower_bound({group, {}});
  return find_open_group(group) != nullptr ||
         (first != by_name_.end() && first->first.first == group);
}

}  // namespace marconi::config
