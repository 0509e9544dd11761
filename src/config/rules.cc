#include "config/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/text.h"

namespace marconi::config {
namespace {

namespace fs = std::filesystem;
using Setting = Configuration::Setting;

constexpr std::array<std::string_view, 2> kStoreRoles = {"message_store", "management_store"};

std::unexpected<base::Error> refuse(std::string why) {
  return base::fail(base::ErrorKind::invalid, std::move(why));
}

std::string not_supported(const Setting& setting) {
  return fmt::format("{} = {} is not supported by this build", setting.describe(),
                     setting.shown_value());
}

bool is_refused(const Setting& setting) {
  const auto& option = *setting.option;
  if (option.support == Support::unsupported) return setting.differs_from_default();
  const auto* text = std::get_if<std::string>(&setting.value);
  return text != nullptr && std::ranges::find(option.refused, *text) != option.refused.end();
}

/// Whether a file of access rules holds anything but comments and empty documents.
bool has_rules(const fs::path& file) {
  std::ifstream text(file);
  for (std::string line; std::getline(text, line);) {
    const auto content = trim(line);
    const bool nothing =
        content.empty() || content.starts_with('#') || content == "---" || content == "{}";
    if (!nothing) return true;
  }
  return false;
}

std::vector<fs::path> policy_files(const fs::path& directory) {
  std::vector<fs::path> files = {directory / "policy.yaml"};
  std::error_code ignored;
  for (fs::directory_iterator entry(directory / "policy.d", ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    files.push_back(entry->path());
  }
  return files;
}

/// The reference finds its access rules beside its configuration without being told. To serve
/// without them would open what they close.
base::Result<void> refuse_policies(const Configuration& configuration) {
  for (const auto& file : configuration.files()) {
    for (const auto& policy : policy_files(fs::path(file).parent_path())) {
      if (!has_rules(policy)) continue;
      return refuse(
          fmt::format("{}: access rules are not supported by this build", policy.string()));
    }
  }
  return {};
}

base::Result<void> refuse_open_groups(const Configuration& configuration) {
  for (const auto& [assignment, support] : configuration.unlisted()) {
    if (support != Support::unsupported) continue;
    return refuse(fmt::format("{}: [{}] is not supported by this build",
                              assignment.origin.to_string(), assignment.group));
  }
  return {};
}

/// Another store's URI without a named driver most likely means that this store was meant: the
/// reference's default was one of them (configuration §12).
base::Result<void> refuse_unnamed_driver(const Configuration& configuration) {
  for (const std::string_view role : kStoreRoles) {
    if (configuration.setting("drivers", role).origin) return {};
  }
  for (const auto& setting : configuration.settings()) {
    if (setting.option->name != "uri" || !setting.origin) continue;
    for (const std::string_view role : kStoreRoles) {
      const auto prefix = fmt::format("drivers:{}:", role);
      if (!setting.option->group.starts_with(prefix)) continue;
      return refuse(fmt::format(
          "{} is given, but no driver is named: add '{} = {}' to [drivers] to use it, or "
          "'message_store = embedded' to do without it",
          setting.describe(), role, setting.option->group.substr(prefix.size())));
    }
  }
  return {};
}

/// One store serves both, so naming one driver is enough, and naming two different ones is wrong.
/// The two flavours of the MongoDB driver keep queues in the same way.
base::Result<void> refuse_mixed_drivers(const Configuration& configuration) {
  const auto& messages = configuration.setting("drivers", "message_store");
  const auto& management = configuration.setting("drivers", "management_store");
  if (!messages.origin || !management.origin || messages.value == management.value) return {};
  if (store_driver(configuration) == "mongodb.fifo" && management.value == Value("mongodb")) {
    return {};
  }
  return refuse(fmt::format("{} = {}: one store serves both, but message_store is {}",
                            management.describe(), management.shown_value(),
                            messages.shown_value()));
}

/// Queues and messages may lie in different deployments, so each has a URI and no default.
base::Result<void> refuse_missing_uri(const Configuration& configuration) {
  if (!store_driver(configuration).starts_with("mongodb")) return {};
  for (const std::string_view role : kStoreRoles) {
    const auto group = fmt::format("drivers:{}:mongodb", role);
    if (!configuration.text(group, "uri").empty()) continue;
    return refuse(
        fmt::format("[{}] uri is not set: the MongoDB store needs it for both "
                    "[drivers:message_store:mongodb] and "
                    "[drivers:management_store:mongodb]",
                    group));
  }
  return {};
}

}  // namespace

base::Result<void> refuse_unsupported(const Configuration& configuration) {
  for (const auto& setting : configuration.settings()) {
    if (is_refused(setting)) return refuse(not_supported(setting));
  }
  if (auto fine = refuse_unnamed_driver(configuration); !fine) return fine;
  if (auto fine = refuse_mixed_drivers(configuration); !fine) return fine;
  if (auto fine = refuse_missing_uri(configuration); !fine) return fine;
  if (auto fine = refuse_policies(configuration); !fine) return fine;
  return refuse_open_groups(configuration);
}

std::string store_driver(const Configuration& configuration) {
  const auto named = std::ranges::find_if(kStoreRoles, [&](std::string_view role) {
    return configuration.setting("drivers", role).origin.has_value();
  });
  return configuration.text("drivers", named == kStoreRoles.end() ? kStoreRoles.front() : *named);
}

std::vector<std::string> effectless_options(const Configuration& configuration) {
  struct Found {
    std::string origin;
    std::vector<std::string> names;
  };
  std::map<std::string, Found> by_group;
  const auto add = [&](std::string_view group, std::string_view name, const Origin& origin) {
    auto& found = by_group[std::string(group)];
    if (found.names.empty()) found.origin = origin.to_string();
    found.names.emplace_back(name);
  };
  for (const auto& setting : configuration.settings()) {
    const auto& option = *setting.option;
    if (option.support == Support::no_effect && setting.differs_from_default()) {
      add(option.group, option.name, *setting.origin);
    }
  }
  for (const auto& [other, support] : configuration.unlisted()) {
    add(other.group, other.name, other.origin);
  }

  std::vector<std::string> lines;
  for (const auto& [group, found] : by_group) {
    lines.push_back(fmt::format("{}: [{}] has options without effect in this build: {}",
                                found.origin, group, join(found.names, ", ")));
  }
  return lines;
}

std::vector<std::string> changed_settings(const Configuration& configuration) {
  std::vector<std::string> lines;
  for (const auto& setting : configuration.settings()) {
    if (!setting.differs_from_default()) continue;
    lines.push_back(fmt::format("[{}] {} = {}  ({})", setting.option->group, setting.option->name,
                                setting.shown_value(), setting.origin->to_string()));
  }
  return lines;
}

}  // namespace marconi::config
