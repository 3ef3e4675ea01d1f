package io.cachingproxy.example;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.testkit.CacheStoreContract;

class MyStoreTest extends CacheStoreContract {
    @Override
    protected CacheStore open() {
        return new MyStore(MAX_OBJECT);
    }
}
