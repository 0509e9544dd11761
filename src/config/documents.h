// Documents written from the option table: the sample file and the reference.
#pragma once

#include <string>

#include "config/option_table.h"

namespace marconi::config {

/// A configuration file with every option this build obeys, commented out at its default.
[[nodiscard]] std::string sample_configuration(const OptionTable& table);

/// All options in Markdown, those without effect included.
[[nodiscard]] std::string option_reference(const OptionTable& table);

}  // namespace marconi::config
