using BlockProxy.IntegrationTests.Support;

namespace BlockProxy.IntegrationTests.Nbd;

/// <summary>What only a client that does as it is told can try: each test is a few lines of Python over libnbd.</summary>
[TestFixture]
internal sealed class LibnbdTests() : NbdFixture("nbdinfo")
{
    private const string Prologue = """
        import nbd, errno, sys
        h = nbd.NBD()
        def fails(code, call):
            try:
                call()
            except nbd.Error as e:
                assert e.errnum == code, f"{e.errnum} {e}"
                return
            raise AssertionError("no error")
        """;

    [SetUp]
    public async Task RequireLibnbdAsync()
    {
        if ((await Command.RunAsync(["/usr/bin/python3", "-c", "import nbd"])).ExitCode != 0)
            Assert.Ignore("not installed: python3-libnbd");
    }

    [Test]
    public Task Simple_replies_when_structured_ones_are_not_wanted() => PlayAsync("""
        h.set_request_structured_replies(False)
        h.connect_uri(URI)
        assert not h.get_structured_replies_negotiated()
        assert not h.can_df()
        h.pwrite(b"abc", 100)
        assert h.pread(5, 99) == b"\0abc\0"
        fails(errno.EINVAL, lambda: (h.set_strict_mode(0), h.pread(1, h.get_size())))
        """);

    [Test]
    public Task The_old_way_in_by_export_name() => PlayAsync("""
        h.set_handshake_flags(0)
        h.connect_uri(URI)
        assert h.get_protocol() == "newstyle"
        assert h.get_size() == 64 << 20
        h.pwrite(b"abc", 0, nbd.CMD_FLAG_FUA)
        assert h.pread(3, 0) == b"abc"
        """);

    [Test]
    public Task Sparse_reads_come_in_chunks_and_unfragmented_ones_in_one() => PlayAsync("""
        h.connect_uri(URI)
        h.pwrite(b"\xaa" * 65536, 65536)
        chunks = []
        def chunk(buf, offset, status, error): chunks.append((offset, len(buf), status))
        data = h.pread_structured(65536 * 3, 0, chunk)
        assert data == bytes(65536) + b"\xaa" * 65536 + bytes(65536)
        assert chunks == [(0, 65536, nbd.READ_HOLE), (65536, 65536, nbd.READ_DATA), (131072, 65536, nbd.READ_HOLE)], chunks
        chunks.clear()
        h.pread_structured(65536, 32768, chunk, nbd.CMD_FLAG_DF)
        assert chunks == [(32768, 65536, nbd.READ_DATA)], chunks
        """);

    [Test]
    public Task Block_status_whole_one_extent_and_beyond_the_end() => PlayAsync("""
        h.add_meta_context("base:allocation")
        h.connect_uri(URI)
        h.pwrite(b"\xaa" * 65536, 65536)
        seen = []
        def extent(context, offset, entries, error): seen.append((context, offset, entries))
        h.block_status(65536 * 4, 0, extent)
        assert seen == [("base:allocation", 0, [65536, 3, 65536, 0, 131072, 3])], seen
        seen.clear()
        h.block_status(65536 * 4, 1000, extent, nbd.CMD_FLAG_REQ_ONE)
        assert seen == [("base:allocation", 1000, [64536, 3])], seen
        h.set_strict_mode(0)
        fails(errno.EINVAL, lambda: h.block_status(2, h.get_size() - 1, extent))
        """);

    [Test]
    public Task Errors_are_those_of_the_text() => PlayAsync("""
        h.connect_uri(URI)
        size = h.get_size()
        h.set_strict_mode(0)
        fails(errno.ENOSPC, lambda: h.pwrite(b"abc", size - 1))
        fails(errno.ENOSPC, lambda: h.zero(3, size - 1))
        fails(errno.EINVAL, lambda: h.trim(3, size - 1))
        fails(errno.EINVAL, lambda: h.cache(3, size - 1))
        fails(errno.EINVAL, lambda: h.pread(0, 0))
        fails(errno.EINVAL, lambda: h.pread(1, 0, nbd.CMD_FLAG_REQ_ONE))
        fails(errno.EINVAL, lambda: h.block_status(512, 0, lambda *a: 0))
        h.pwrite(b"still there", 0)
        assert h.pread(11, 0) == b"still there"
        """);

    [Test]
    public Task A_read_only_export_is_EPERM() => PlayAsync("""
        h.connect_uri(URI)
        assert h.is_read_only()
        h.set_strict_mode(0)
        fails(errno.EPERM, lambda: h.pwrite(b"abc", 0))
        fails(errno.EPERM, lambda: h.zero(3, 0))
        fails(errno.EPERM, lambda: h.trim(3, 0))
        """, "ro");

    [Test]
    public Task Sectors_are_enforced() => PlayAsync("""
        h.connect_uri(URI)
        assert h.get_block_size(nbd.SIZE_MINIMUM) == 4096
        h.set_strict_mode(0)
        fails(errno.EINVAL, lambda: h.pwrite(b"a" * 512, 0))
        fails(errno.EINVAL, lambda: h.pread(4096, 512))
        h.pwrite(b"a" * 4096, 4096)
        """, "sectors");

    [Test]
    public Task A_write_larger_than_the_limit_costs_only_itself() => PlayAsync("""
        h.connect_uri(URI)
        h.set_strict_mode(0)
        fails(errno.EINVAL, lambda: h.pwrite(b"a" * ((32 << 20) + 1), 0))
        h.pwrite(b"a" * (32 << 20), 1)
        assert h.pread(32 << 20, 1) == b"a" * (32 << 20)
        """);

    [Test]
    public Task Fast_zeroes_are_fast_or_refused([Values("mem", "file")] string export) => PlayAsync("""
        h.connect_uri(URI)
        h.pwrite(b"a" * 65536, 0)
        assert h.can_fast_zero()
        h.zero(32768, 0, nbd.CMD_FLAG_FAST_ZERO)
        assert h.pread(65536, 0) == bytes(32768) + b"a" * 32768
        h.zero(16384, 32768, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FUA)
        assert h.pread(65536, 0) == bytes(49152) + b"a" * 16384
        """, export);

    [Test]
    public Task A_hundred_requests_in_flight_each_get_their_own_answer([Values("mem", "slow", "file")] string export) => PlayAsync("""
        h.connect_uri(URI)
        buffers = {}
        for i in range(100):
            h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray([i]) * 5000), i * 7000)
        while h.aio_in_flight(): h.poll(-1)
        for i in range(100):
            buffers[i] = nbd.Buffer(5000)
            h.aio_pread(buffers[i], i * 7000)
        while h.aio_in_flight(): h.poll(-1)
        for i in range(100):
            assert bytes(buffers[i].to_bytearray()) == bytes([i]) * 5000, i
        """, export);

    [Test]
    public Task What_one_connection_completed_another_sees([Values("mem", "file")] string export) => PlayAsync("""
        h.connect_uri(URI)
        g = nbd.NBD()
        g.connect_uri(URI)
        assert h.can_multi_conn()
        for i in range(200):
            h.pwrite(bytes([i]) * 4096, i * 4096)
            assert g.pread(4096, i * 4096) == bytes([i]) * 4096
        g.flush()
        g.shutdown()
        """, export);

    [Test]
    public async Task An_unknown_export_is_refused_and_another_can_be_tried_on_the_same_connection()
    {
        await PlayAsync("""
            h.set_opt_mode(True)
            h.set_full_info(True)
            h.connect_uri(URI)
            h.set_export_name("nothing")
            fails(errno.ENOENT, lambda: h.opt_go())
            h.set_export_name("mem")
            h.opt_info()
            assert h.get_export_description() == "sparse memory"
            h.opt_go()
            assert h.pread(1, 0) == b"\0"
            """);

        Assert.That(Host.Log.Warnings.TryDequeue(out var line), Is.True);
        Assert.That(line, Does.Contain("'nothing'"));
    }

    [Test]
    public Task Metadata_contexts_are_listed() => PlayAsync("""
        h.set_opt_mode(True)
        h.connect_uri(URI)
        found = []
        h.opt_list_meta_context(lambda name: found.append(name))
        assert found == ["base:allocation"], found
        found.clear()
        h.add_meta_context("base:")
        h.add_meta_context("x-other:thing")
        h.opt_list_meta_context(lambda name: found.append(name))
        assert found == ["base:allocation"], found
        h.opt_abort()
        """);

    [Test]
    public Task A_client_that_insists_on_TLS_is_told_there_is_none() => PlayAsync("""
        h.set_tls(nbd.TLS_ALLOW)
        h.connect_uri(URI)
        assert not h.get_tls_negotiated()
        g = nbd.NBD()
        g.set_tls(nbd.TLS_REQUIRE)
        fails(errno.ENOTSUP, lambda: g.connect_uri(URI))
        """);

    [Test]
    public async Task A_stopping_server_answers_what_it_has_and_says_that_it_shuts_down()
    {
        var ready = Host.Scratch("ready");
        var client = Command.RunAsync(["/usr/bin/python3", "-c", $$"""
            {{Prologue}}
            h.connect_uri("{{Host.Uri("slow")}}")
            answered = 0
            open("{{ready}}", "w").close()
            try:
                while True:
                    h.pwrite(b"a" * 4096, 0)
                    answered += 1
            except nbd.Error as e:
                assert e.errnum in (errno.ESHUTDOWN, errno.ENOTCONN, errno.EINVAL), f"{e.errnum} {e}"
            assert answered > 0
            """]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!File.Exists(ready) && !client.IsCompleted)
            await Task.Delay(10, deadline.Token);
        await Task.Delay(100, deadline.Token);

        await Host.Server.StopAsync(TimeSpan.FromSeconds(10));

        (await client).Expect();
    }

    private async Task PlayAsync(string script, string export = "mem") =>
        await RunAsync("/usr/bin/python3", "-c", $"{Prologue}\nURI = '{Host.Uri(export, unix: true)}'\n{script}\nif h.aio_is_ready(): h.shutdown()\n");
}
