using System.Buffers;
using System.Net;
using System.Text;
using RawWs.Http;
using RawWs.Protocol;
using RawWs.Testing;

namespace RawWs.Tests.Http;

/// <summary>Files over HTTP, from a folder that is made for each test and has a secret beside it.</summary>
public sealed partial class StaticFilesTests : IAsyncLifetime
{
    private static readonly DateTime Written = new(2029, 5, 6, 7, 8, 9, 123, DateTimeKind.Utc);

    private readonly DirectoryInfo _top = Directory.CreateTempSubdirectory("rawws-files-");
    private TestServer _server = null!; // InitializeAsync starts it.

    private string Folder => Path.Combine(_top.FullName, "www");

    public async ValueTask InitializeAsync()
    {
        Write("../secret.txt", "secret");
        Write("../www-other/secret.txt", "secret");
        Write("index.html", "<!doctype html>");
        Write("hello.txt", "0123456789");
        Write("sub/index.html", "sub");
        Write("sub/a b.txt", "spaces");
        Write("100%.txt", "percent");
        Write("%2Fhello.txt", "odd");
        Write("é.txt", "accent");
        Write("empty.css", "");
        Write(".env", "secret");
        Write(".git/config", "secret");
        Write(".well-known/security.txt", "contact");
        Write("app.js", "plain javascript");
        Write("app.js.br", "brotli");
        Write("app.js.gz", "gzip");
        Write("old.js", "plain");
        Write("old.js.gz", "outdated", Written.AddDays(-1));
        _server = await TestServer.StartAsync(map: server =>
        {
            server.MapFiles("/", Folder);
            server.MapFiles("/deep/files/", Folder);
            server.MapGet("/api", (_, _) => new(HttpResponse.Text("api")));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _top.Delete(recursive: true);
    }

    [Theory]
    [InlineData("/", "<!doctype html>", "text/html; charset=utf-8")]
    [InlineData("/index.html", "<!doctype html>", "text/html; charset=utf-8")]
    [InlineData("/hello.txt", "0123456789", "text/plain; charset=utf-8")]
    [InlineData("/hello.txt?x=/../../secret.txt", "0123456789", "text/plain; charset=utf-8")]
    [InlineData("/sub/", "sub", "text/html; charset=utf-8")]
    [InlineData("/sub/a%20b.txt", "spaces", "text/plain; charset=utf-8")]
    [InlineData("/100%25.txt", "percent", "text/plain; charset=utf-8")]
    [InlineData("/%252Fhello.txt", "odd", "text/plain; charset=utf-8")]
    [InlineData("/%c3%a9.txt", "accent", "text/plain; charset=utf-8")]
    [InlineData("/empty.css", "", "text/css; charset=utf-8")]
    [InlineData("/.well-known/security.txt", "contact", "text/plain; charset=utf-8")]
    [InlineData("/app.js", "plain javascript", "text/javascript; charset=utf-8")]
    [InlineData("/app.js.br", "brotli", "application/octet-stream")]
    [InlineData("/deep/files/hello.txt", "0123456789", "text/plain; charset=utf-8")]
    [InlineData("/deep/files/", "<!doctype html>", "text/html; charset=utf-8")]
    [InlineData("/api", "api", "text/plain; charset=utf-8")]
    public async Task A_file_is_what_its_path_says(string target, string content, string contentType)
    {
        var response = await GetAsync(target);

        Assert.Equal((200, content, contentType, false), (response.Status, response.Text, response.Field("Content-Type"), response.Closes));
    }

    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/sub/../../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/.%2e/secret.txt")]
    [InlineData("/%2e%2e%2fsecret.txt")]
    [InlineData("/..%2fsecret.txt")]
    [InlineData("/..%2Fsecret.txt")]
    [InlineData("/sub%2F..%2F..%2Fsecret.txt")]
    [InlineData("/..%252fsecret.txt")]
    [InlineData("/%252e%252e/secret.txt")]
    [InlineData("/..\\secret.txt")]
    [InlineData("/..%5csecret.txt")]
    [InlineData("/%5c%2e%2e%5csecret.txt")]
    [InlineData("/..%c0%afsecret.txt")]
    [InlineData("/%c0%ae%c0%ae/secret.txt")]
    [InlineData("/..;/secret.txt")]
    [InlineData("/....//secret.txt")]
    [InlineData("/%ef%bc%8e%ef%bc%8e/secret.txt")]
    [InlineData("/hello.txt%00.html")]
    [InlineData("/hello.txt%0a")]
    [InlineData("//hello.txt")]
    [InlineData("//etc/passwd")]
    [InlineData("/sub//a%20b.txt")]
    [InlineData("/./hello.txt")]
    [InlineData("/hello.txt/")]
    [InlineData("/hello.txt/.")]
    [InlineData("/hello%2etxt/x")]
    [InlineData("/deep/files/../../../secret.txt")]
    [InlineData("/deep/files//hello.txt")]
    [InlineData("/deep/files")]
    [InlineData("/.env")]
    [InlineData("/%2eenv")]
    [InlineData("/.git/config")]
    [InlineData("/HELLO.TXT")]
    [InlineData("/nothing.txt")]
    [InlineData("/%2Fhello.txt")]
    [InlineData("/%2Fetc%2Fpasswd")]
    [InlineData("/C:/windows/win.ini")]
    [InlineData("http://a/../secret.txt")]
    [InlineData("file:///etc/passwd")]
    public async Task No_path_leads_out_of_the_folder_or_to_what_is_hidden(string target)
    {
        var response = await GetAsync(target);

        Assert.True(response.Status is 400 or 404, response.Head);
        Assert.DoesNotContain("secret", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_no_file_system_takes_are_not_there()
    {
        Assert.Equal(404, (await GetAsync("/" + new string('x', 300))).Status);
        Assert.Equal(404, (await GetAsync("/" + string.Join('/', Enumerable.Repeat("x", 3_000)))).Status);
    }

    // Whoever opens a pipe waits for somebody who writes.
    [Fact]
    public async Task A_pipe_in_the_folder_holds_up_nobody()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo");
        using var making = System.Diagnostics.Process.Start("mkfifo", Path.Combine(Folder, "pipe"));
        await making.WaitForExitAsync(TestContext.Current.CancellationToken);

        var response = await GetAsync("/pipe");

        Assert.Equal((200, ""), (response.Status, response.Text));
    }

    [Theory]
    [InlineData("/sub", "/sub/")]
    [InlineData("/sub?a=b", "/sub/?a=b")]
    [InlineData("/deep/files/sub", "/deep/files/sub/")]
    [InlineData("/%73ub", "/sub/")]
    public async Task A_folder_has_a_slash_at_its_end(string target, string location)
    {
        var response = await GetAsync(target);

        Assert.Equal((301, location), (response.Status, response.Field("Location")));
    }

    [Fact]
    public async Task A_file_has_what_a_client_needs_to_ask_for_it_again()
    {
        var response = await GetAsync("/hello.txt");

        Assert.Equal("Sun, 06 May 2029 07:08:09 GMT", response.Field("Last-Modified"));
        Assert.Matches("^\"[0-9a-f]+-a\"$", response.Field("ETag"));
        Assert.Equal(("no-cache", "nosniff", "bytes", null), (response.Field("Cache-Control"), response.Field("X-Content-Type-Options"), response.Field("Accept-Ranges"), response.Field("Vary")));

        Write("hello.txt", "9876543210", Written.AddTicks(1));
        Assert.NotEqual(response.Field("ETag"), (await GetAsync("/hello.txt")).Field("ETag"));
    }

    [Theory]
    [InlineData("If-None-Match: {0}", 304)]
    [InlineData("If-None-Match: W/{0}", 304)]
    [InlineData("If-None-Match: \"a,b\", \"c\" , {0}", 304)]
    [InlineData("If-None-Match: \"a\"\r\nIf-None-Match: {0}", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"a\"", 200)]
    [InlineData("If-None-Match: \"a, {0}", 200)]
    [InlineData("If-None-Match: a", 200)]
    [InlineData("If-None-Match:", 200)]
    [InlineData("If-None-Match: \"a\"\r\nIf-Modified-Since: Sun, 06 May 2029 07:08:09 GMT", 200)]
    [InlineData("If-Modified-Since: Sun, 06 May 2029 07:08:09 GMT", 304)]
    [InlineData("If-Modified-Since: Sun, 06 May 2029 07:08:08 GMT", 200)]
    [InlineData("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 304)]
    [InlineData("If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT", 304)]
    [InlineData("If-Modified-Since: yesterday", 200)]
    [InlineData("If-Match: {0}", 200)]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: W/{0}", 412)]
    [InlineData("If-Match: \"a\"", 412)]
    [InlineData("If-Match: \"a\"\r\nIf-None-Match: *", 412)]
    [InlineData("If-Unmodified-Since: Sun, 06 May 2029 07:08:09 GMT", 200)]
    [InlineData("If-Unmodified-Since: Fri, 31 Dec 9999 23:59:59 GMT", 200)]
    [InlineData("If-Unmodified-Since: Sun, 06 May 2029 07:08:08 GMT", 412)]
    [InlineData("If-Unmodified-Since: Sun, 06 May 2029 07:08:08 GMT\r\nRange: bytes=5-", 412)]
    [InlineData("If-Unmodified-Since: Sun, 06 May 2029 07:08:08 GMT\r\nIf-None-Match: {0}", 412)]
    [InlineData("If-Unmodified-Since: Sun, 06 May 2029 07:08:08 GMT\r\nIf-Match: {0}", 200)]
    [InlineData("If-Unmodified-Since: yesterday", 200)]
    [InlineData("If-None-Match: {0}\r\nRange: bytes=0-1", 304)]
    public async Task What_a_client_has_already_is_not_sent_again(string condition, int status)
    {
        var tag = (await GetAsync("/hello.txt")).Field("ETag")!;

        var response = await GetAsync("/hello.txt", condition.Replace("{0}", tag, StringComparison.Ordinal) + "\r\n");

        Assert.Equal(status, response.Status);
        Assert.Equal(status == 412 ? null : tag, response.Field("ETag"));
        Assert.Equal(status == 200 ? "0123456789" : status == 304 ? "" : "this is not what is here", response.Text);
    }

    [Theory]
    [InlineData("Range: bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("Range: bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("Range: bytes=-2", 206, "89", "bytes 8-9/10")]
    [InlineData("Range: bytes=0-99", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("Range: bytes=10-", 416, "there is no such range", "bytes */10")]
    [InlineData("Range: bytes=-0", 416, "there is no such range", "bytes */10")]
    [InlineData("Range: bytes=0-1,3-4", 200, "0123456789", null)]
    [InlineData("Range: bytes=0-1\r\nRange: bytes=3-4", 200, "0123456789", null)]
    [InlineData("Range: bytes=4-2", 200, "0123456789", null)]
    [InlineData("Range: lines=1-2", 200, "0123456789", null)]
    [InlineData("Range: bytes=2-4\r\nIf-Range: {0}", 206, "234", "bytes 2-4/10")]
    [InlineData("Range: bytes=2-4\r\nIf-Range: W/{0}", 200, "0123456789", null)]
    [InlineData("Range: bytes=2-4\r\nIf-Range: \"a\"", 200, "0123456789", null)]
    [InlineData("Range: bytes=2-4\r\nIf-Range: *", 200, "0123456789", null)]
    [InlineData("Range: bytes=2-4\r\nIf-Range: Sun, 06 May 2029 07:08:09 GMT", 206, "234", "bytes 2-4/10")]
    [InlineData("Range: bytes=2-4\r\nIf-Range: Sun, 06 May 2029 07:08:10 GMT", 200, "0123456789", null)]
    public async Task A_part_is_sent_to_who_has_the_rest(string fields, int status, string content, string? contentRange)
    {
        var tag = (await GetAsync("/hello.txt")).Field("ETag");

        var response = await GetAsync("/hello.txt", fields.Replace("{0}", tag, StringComparison.Ordinal) + "\r\n");

        Assert.Equal((status, content, contentRange), (response.Status, response.Text, response.Field("Content-Range")));
    }

    [Theory]
    [InlineData("/app.js", "gzip, deflate, br", "br", "brotli")]
    [InlineData("/app.js", "gzip", "gzip", "gzip")]
    [InlineData("/app.js", "br;q=0.1, gzip;q=0.2", "gzip", "gzip")]
    [InlineData("/app.js", "br;q=0, gzip;q=0", null, "plain javascript")]
    [InlineData("/old.js", "gzip", null, "plain")]
    public async Task A_client_gets_the_form_that_it_takes(string path, string accepted, string? coding, string content)
    {
        var response = await GetAsync(path, $"Accept-Encoding: {accepted}\r\n");

        Assert.Equal((coding, content, "text/javascript; charset=utf-8"), (response.Field("Content-Encoding"), response.Text, response.Field("Content-Type")));
        Assert.Equal(path == "/app.js" ? "Accept-Encoding" : null, response.Field("Vary"));
        var again = await GetAsync(path, $"Accept-Encoding: {accepted}\r\nIf-None-Match: {response.Field("ETag")}\r\n");
        Assert.Equal((304, response.Field("Vary")), (again.Status, again.Field("Vary")));

        // Another form is something else.
        if (coding is not null)
            Assert.Equal(200, (await GetAsync(path, $"If-None-Match: {response.Field("ETag")}\r\n")).Status);
    }

    [Fact]
    public async Task A_part_of_a_compressed_form_is_a_part_of_that()
    {
        var response = await GetAsync("/app.js", "Accept-Encoding: br\r\nRange: bytes=1-2\r\n");

        Assert.Equal((206, "ro", "bytes 1-2/6", "br"), (response.Status, response.Text, response.Field("Content-Range"), response.Field("Content-Encoding")));
    }

    [Fact]
    public async Task HEAD_says_what_GET_would_say()
    {
        var whole = await GetAsync("/hello.txt");
        await using var client = _server.Connect();
        await client.SendAsync("HEAD /hello.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\nGET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(whole.Head, (await client.ReadResponseAsync(isHead: true)).Head);
        Assert.Equal(whole.Text, (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Files_are_only_read(string method)
    {
        var response = await GetAsync("/hello.txt", method: method);

        Assert.Equal((405, "GET, HEAD"), (response.Status, response.Field("Allow")));
    }

    [Fact]
    public async Task A_large_file_arrives_whole_and_in_part()
    {
        var content = SourceStream.BytesOf(3_000_000);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "large.bin"), content, TestContext.Current.CancellationToken);

        Assert.Equal(content, (await GetAsync("/large.bin")).Content);
        Assert.Equal(content[1_234_567..], (await GetAsync("/large.bin", "Range: bytes=1234567-\r\n")).Content);
    }

    // It counts as gone, and whether that is seen before the file has been looked for is chance.
    [Fact]
    public async Task A_client_that_has_nothing_more_to_ask_is_sent_its_file()
    {
        var (connection, _) = InMemoryConnection.CreatePair();
        var bytes = new ReadOnlySequence<byte>("GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        using var head = new RequestHead(new RequestHeadLimits(1_000, 1_000, 10));
        Assert.True(head.TryRead(ref bytes));
        var request = new HttpRequest(head, RequestFraming.Of(head), connection);

        var response = await new StaticFiles("/", new StaticFolder(Folder)).AnswerAsync(request, new CancellationToken(canceled: true));

        await using var content = response.Source;
        Assert.Equal((HttpStatusCode.OK, 10), (response.Status, response.Length));
    }

    // As it is when a new version is put in place. Whether the one moment is hit that matters is chance; what comes of it is not.
    [Fact]
    public async Task What_is_sent_is_one_file_also_while_another_takes_its_place()
    {
        for (var round = 0; round < 1_000; round++)
        {
            var spins = round % 100 * 20;
            var (name, content) = round % 2 == 0 ? ("long", "01234567890123456789") : ("short", "0123456789");
            Write(name, content, Written.AddSeconds(round));
            var replacing = Task.Run(() =>
            {
                Thread.SpinWait(spins);
                File.Move(Path.Combine(Folder, name), Path.Combine(Folder, "hello.txt"), overwrite: true);
            });

            var response = await GetAsync("/hello.txt");
            await replacing;

            Assert.EndsWith($"-{response.Content.Length:x}\"", response.Field("ETag"), StringComparison.Ordinal);
            Assert.Equal(response.Content.Length == 10 ? "0123456789" : "01234567890123456789", response.Text);
        }
    }

    [Fact]
    public void Files_are_mapped_where_they_can_be()
    {
        var server = new WebSocketServer(new());
        foreach (var prefix in new[] { "", "a/", "/a", "*", "/*", "/a/*" })
            Assert.Throws<ArgumentException>("prefix", () => server.MapFiles(prefix, Folder));

        Assert.Throws<DirectoryNotFoundException>(() => server.MapFiles("/", Path.Combine(Folder, "nowhere")));
        Assert.Throws<DirectoryNotFoundException>(() => server.MapFiles("/", Path.Combine(Folder, "hello.txt")));
    }

    private async Task<WireResponse> GetAsync(string target, string fields = "", string method = "GET")
    {
        await using var client = _server.Connect();
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Empty(_server.Log.AboveDebug);
        return response;
    }

    private void Write(string name, string content, DateTime? written = null)
    {
        var path = Path.GetFullPath(Path.Combine(Folder, name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, new UTF8Encoding(false));
        File.SetLastWriteTimeUtc(path, written ?? Written);
    }
}
