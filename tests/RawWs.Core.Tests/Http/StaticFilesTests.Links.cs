using RawWs.Testing;

namespace RawWs.Tests.Http;

// Symbolic links in the folder, out of it, and to it.
public sealed partial class StaticFilesTests
{
    [Fact]
    public async Task Links_are_followed_as_long_as_they_stay_inside()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links takes a privilege there.");
        Link("inside.txt", "hello.txt");
        Link("absolute.txt", Path.Combine(Folder, "hello.txt"));
        Link("linked", "sub");
        Link("around.txt", "linked/../hello.txt");
        Link("chain.txt", "inside.txt");
        Link("outside.txt", "../secret.txt");
        Link("outside-absolute.txt", Path.Combine(_top.FullName, "secret.txt"));
        Link("up", "..");
        Link("other", "../www-other");
        Link("two-steps", "up/secret.txt");
        Link("hidden-target.txt", ".env");
        Link("loop", "loop");
        Link("circle-a", "circle-b");
        Link("circle-b", "circle-a");
        Link("dangling", "nowhere");
        Link("self", ".");

        // Were it a file, it would be newer, and so be sent.
        Link("hello.txt.gz", "../secret.txt");
        Write("hello.txt", "0123456789", DateTime.UnixEpoch.AddYears(1));

        foreach (var path in new[] { "inside.txt", "absolute.txt", "around.txt", "chain.txt", "self/self/hello.txt" })
            Assert.Equal("0123456789", (await GetAsync("/" + path, "Accept-Encoding: gzip\r\n")).Text);

        Assert.Equal("spaces", (await GetAsync("/linked/a%20b.txt")).Text);

        // Who names it otherwise wants it to be seen.
        Assert.Equal("secret", (await GetAsync("/hidden-target.txt")).Text);
        foreach (var path in new[]
        {
            "outside.txt", "outside-absolute.txt", "up/secret.txt", "up/www/hello.txt", "other/secret.txt", "two-steps", "loop", "circle-a", "dangling", "hello.txt.gz",
            string.Concat(Enumerable.Repeat("self/", 20)) + "hello.txt",
        })
        {
            var response = await GetAsync("/" + path);
            Assert.Equal(404, response.Status);
            Assert.DoesNotContain("secret", response.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_folder_itself_may_be_reached_through_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links takes a privilege there.");
        var link = Path.Combine(_top.FullName, "link");
        File.CreateSymbolicLink(link, "www");
        Link("absolute.txt", Path.Combine(Folder, "hello.txt"));
        await using var server = await TestServer.StartAsync(map: server => server.MapFiles("/", link));
        await using var client = server.Connect();

        await client.SendAsync("GET /absolute.txt HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("0123456789", (await client.ReadResponseAsync()).Text);
    }

    // Stores that name files by their content are linked to.
    [Theory]
    [InlineData("style.css", "text/css; charset=utf-8")]
    [InlineData("index.html", "text/html; charset=utf-8")]
    [InlineData("", "text/html; charset=utf-8")]
    [InlineData("about", "text/plain; charset=utf-8")]
    [InlineData("unknown", "application/octet-stream")]
    public async Task A_link_has_the_type_of_its_own_name_or_else_of_what_it_leads_to(string name, string contentType)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links takes a privilege there.");
        Write("store/9f86d081", "content");
        Write("store/about.txt", "content");
        Write("linked/unknown", "content");
        Link("linked/about", "../store/about.txt");
        Link("linked/style.css", "../store/9f86d081");
        Link("linked/index.html", "../store/9f86d081");

        var response = await GetAsync("/linked/" + name);

        Assert.Equal((200, "content", contentType), (response.Status, response.Text, response.Field("Content-Type")));
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(Folder, name), target);
}
