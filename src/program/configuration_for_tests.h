// What tests of settings begin with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "config/configuration.h"

namespace marconi::program {

class ConfigurationTest : public testing::Test {
 protected:
  /// The configuration with these `GROUP.NAME=VALUE`.
  config::Configuration with(std::vector<std::string> options) {
    config::Sources sources;
    sources.root = "/nonexistent";
    sources.options = std::move(options);
    auto loaded = config::Configuration::load(table_, sources);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().description);
    return std::move(*loaded);
  }

  config::OptionTable table_ = config::OptionTable::standard();
};

}  // namespace marconi::program
