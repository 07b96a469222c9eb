using System.IO.Compression;
using System.Text;

namespace RawWs.SocketIO.Tests.Http;

public sealed class ClientBundleTests : IDisposable
{
    private const string Script = "/*!\n * Socket.IO v4.8.1\n */\nlet io;";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-client-");

    public ClientBundleTests()
    {
        Write("socket.io.js", Script);
        Write("socket.io.js.map", "{}");
        Write("secret.js", "not for anybody");
    }

    [Theory]
    [InlineData("socket.io.js", "application/javascript; charset=utf-8", Script)]
    [InlineData("socket.io.js.map", "application/json; charset=utf-8", "{}")]
    public async Task A_file_of_the_client_is_served_and_asked_for_again_each_time(string name, string type, string content)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        var response = await client.GetAsync("/socket.io/" + name);

        Assert.Equal((200, type, content), (response.Status, response.Field("Content-Type"), response.Text));
        Assert.Equal(("\"4.8.1\"", "public, max-age=0", null), (response.Field("ETag"), response.Field("Cache-Control"), response.Field("Content-Encoding")));
        Assert.Equal("nosniff", response.Field("X-Content-Type-Options"));
    }

    [Theory]
    [InlineData("\"4.8.1\"", 304)]
    [InlineData("W/\"4.8.1\"", 304)]
    [InlineData("\"4.8.0\", W/\"4.8.1\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"4.8.0\"", 200)]
    [InlineData("4.8.1", 200)]
    public async Task Whoever_has_it_already_is_told_so(string tags, int status)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        var response = await client.GetAsync("/socket.io/socket.io.js", $"If-None-Match: {tags}\r\n");

        Assert.Equal((status, "\"4.8.1\"", "public, max-age=0"), (response.Status, response.Field("ETag"), response.Field("Cache-Control")));
    }

    [Theory]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("br;q=0.1, gzip;q=0.5", "gzip")]
    [InlineData("gzip, br;q=1", "br")]
    [InlineData("br;q=0, gzip;q=0, deflate;q=0.0", null)]
    [InlineData("*", "br")]
    [InlineData("*;q=0", null)]
    [InlineData("br;q=2", null)]
    [InlineData("identity", null)]
    public async Task It_is_compressed_as_the_browser_likes_it(string accepted, string? coding)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        for (var count = 0; count < 2; count++)
        {
            var response = await client.GetAsync("/socket.io/socket.io.js", $"Accept-Encoding: {accepted}\r\n");
            Assert.Equal((coding, "Accept-Encoding"), (response.Field("Content-Encoding"), response.Field("Vary")));
            Assert.Equal(Script, Decode(response.Content, coding));
        }
    }

    [Fact]
    public async Task A_file_that_does_not_say_its_version_is_known_by_its_content()
    {
        Write("socket.io.js", "let io;");
        string tag;
        await using (var server = await StartAsync())
        {
            await using var client = server.Connect();
            tag = (await client.GetAsync("/socket.io/socket.io.js")).Field("ETag")!;
            Assert.Matches("^\"[0-9a-f]{32}\"$", tag);
            Assert.Equal(304, (await client.GetAsync("/socket.io/socket.io.js", $"If-None-Match: {tag}\r\n")).Status);
        }

        Write("socket.io.js", "let io = 1;");
        await using var changed = await StartAsync();
        await using var again = changed.Connect();
        Assert.Equal(200, (await again.GetAsync("/socket.io/socket.io.js", $"If-None-Match: {tag}\r\n")).Status);
    }

    [Fact]
    public async Task Only_the_files_of_the_client_are_there()
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();

        foreach (var name in new[] { "secret.js", "socket.io.min.js", "..%2Fsocket.io.js", "xyz" })
        {
            var response = await client.GetAsync("/socket.io/" + name);
            Assert.Equal((400, """{"code":0,"message":"Transport unknown"}"""), (response.Status, response.Text));
        }
    }

    [Fact]
    public async Task Pages_of_other_origins_may_have_it_where_they_may_connect()
    {
        await using var server = await StartAsync(options => options.Cors = new CorsPolicy { Origins = ["*"] });
        await using var client = server.Connect();

        Assert.Equal("*", (await client.GetAsync("/socket.io/socket.io.js", "Origin: https://a.example\r\n")).Field("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_folder_without_it_is_refused_at_once()
    {
        File.Delete(Path.Combine(_folder.FullName, "socket.io.js"));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync());

        Assert.Contains("has no socket.io.js", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<SocketIOTestServer> StartAsync(Action<SocketIOServerOptions>? configure = null)
        => SocketIOTestServer.StartAsync(configure: options =>
        {
            options.ClientFolder = _folder.FullName;
            configure?.Invoke(options);
        });

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.FullName, name), content);

    private static string Decode(byte[] content, string? coding)
    {
        using var encoded = new MemoryStream(content);
        using Stream decoder = coding switch
        {
            "br" => new BrotliStream(encoded, System.IO.Compression.CompressionMode.Decompress),
            "gzip" => new GZipStream(encoded, System.IO.Compression.CompressionMode.Decompress),
            "deflate" => new ZLibStream(encoded, System.IO.Compression.CompressionMode.Decompress),
            _ => encoded,
        };
        using var reader = new StreamReader(decoder, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
