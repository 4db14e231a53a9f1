// Handles given to callers. A handle is a number that is never used twice, so that one of a destroyed object is recognised.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace softgpu {

template <class Handle, class Object> class Registry {
public:
    explicit Registry(uint64_t kind) : next_(kind << 32) {}

    template <class... A> Handle add(A &&...arguments) {
        next_ += 16;
        objects_[next_] = std::make_unique<Object>(std::forward<A>(arguments)...);
        Handle handle = reinterpret_cast<Handle>(next_);
        objects_[next_]->handle = handle;
        return handle;
    }
    Object *find(Handle handle) {
        auto found = objects_.find(reinterpret_cast<uint64_t>(handle));
        return found == objects_.end() ? nullptr : found->second.get();
    }
    void remove(Handle handle) { objects_.erase(reinterpret_cast<uint64_t>(handle)); }
    template <class F> void remove_if(F condition) {
        std::erase_if(objects_, [&](const auto &entry) { return condition(*entry.second); });
    }
    template <class F> void each(F f) {
        for (auto &[number, object] : objects_) f(*object);
    }

private:
    uint64_t next_;
    std::map<uint64_t, std::unique_ptr<Object>> objects_;
};

} // namespace softgpu
