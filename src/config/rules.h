// What this build makes of a configuration: what it refuses to run with, and what it warns of.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "config/configuration.h"

namespace marconi::config {

/// Fails with `invalid` and one line naming the option if something is configured that this build
/// does not have: nothing that was asked for is silently left out (configuration §12).
[[nodiscard]] base::Result<void> refuse_unsupported(const Configuration& configuration);

/// The driver of the one store: what [drivers] message_store names, or else management_store.
[[nodiscard]] std::string store_driver(const Configuration& configuration);

/// One line for each group in which options without effect are set to other than their defaults.
[[nodiscard]] std::vector<std::string> effectless_options(const Configuration& configuration);

/// What differs from the defaults, for people: `[group] name = value  (file:line)`; secrets are
/// `***`.
[[nodiscard]] std::vector<std::string> changed_settings(const Configuration& configuration);

}  // namespace marconi::config
