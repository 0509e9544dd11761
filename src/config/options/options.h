// The declarations of all options, a function per family of groups. Their order is the order of
// the documents.
#pragma once

#include <vector>

#include "config/option.h"
#include "config/option_table.h"

namespace marconi::config {

[[nodiscard]] std::vector<Option> service_options();        ///< [DEFAULT] without logging
[[nodiscard]] std::vector<Option> log_options();            ///< [DEFAULT], logging
[[nodiscard]] std::vector<Option> driver_options();         ///< [drivers], listening addresses
[[nodiscard]] std::vector<Option> own_store_options();      ///< the embedded store
[[nodiscard]] std::vector<Option> mongodb_options();        ///< the MongoDB store
[[nodiscard]] std::vector<Option> foreign_store_options();  ///< other stores of the reference
[[nodiscard]] std::vector<Option> server_options();         ///< [server]
[[nodiscard]] std::vector<Option> transport_options();      ///< [transport]
[[nodiscard]] std::vector<Option> feature_options();        ///< notification, storage stages, …
[[nodiscard]] std::vector<Option> library_options();        ///< cors, oslo_policy, …
[[nodiscard]] std::vector<OpenGroup> standard_open_groups();

}  // namespace marconi::config
