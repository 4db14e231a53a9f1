// The modifiers of an instruction. Each must be taken by whoever decodes it; what is left over is an error, never ignored.
#pragma once

#include "../ptx/type.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace softgpu {

class Modifiers {
public:
    explicit Modifiers(std::vector<std::string_view> names) : names_(std::move(names)) {}

    bool take(std::string_view name) {
        for (std::size_t i = 0; i < names_.size(); i++)
            if (names_[i] == name) {
                names_.erase(names_.begin() + static_cast<long>(i));
                return true;
            }
        return false;
    }
    // Position in the list of the first that is present, or -1.
    int take_one(std::initializer_list<std::string_view> choices) {
        int index = 0;
        for (std::string_view name : choices) {
            if (take(name)) return index;
            index++;
        }
        return -1;
    }
    void take_all(std::initializer_list<std::string_view> choices) {
        for (std::string_view name : choices) take(name);
    }
    // Every modifier that starts so.
    void take_prefixed(std::string_view prefix) {
        std::erase_if(names_, [&](std::string_view name) { return name.starts_with(prefix); });
    }
    Type take_type() {
        for (std::size_t i = 0; i < names_.size(); i++)
            if (Type type = type_named(names_[i]); type != Type::None) {
                names_.erase(names_.begin() + static_cast<long>(i));
                return type;
            }
        return Type::None;
    }
    std::string_view first() const { return names_.empty() ? std::string_view() : names_.front(); }

private:
    std::vector<std::string_view> names_;
};

} // namespace softgpu
