// The official OpenAI SDK for Java against a running moerge. stage.py starts it; see there.
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

public final class SdkTest {
  // What the scripted expert says, see ../../agent_expert.py.
  private static final String TEXT = "Canberra is the capital of Australia.";
  private static final String TOOL_SAYS = "21 degrees in Canberra";
  private static final OpenAIClient MOERGE = client(System.getenv("MOERGE_TEST_KEY"));

  private interface Test {
    void run() throws Exception;
  }

  private static OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(System.getenv("MOERGE_CLIENTS_URL") + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static void same(Object got, Object want) {
    if (!Objects.equals(got, want)) throw new AssertionError(got + ", not " + want);
  }

  private static ChatCompletionCreateParams.Builder asking(String question) {
    return ChatCompletionCreateParams.builder().model("auto").addUserMessage(question);
  }

  private static void whole() {
    ChatCompletion reply = MOERGE.chat().completions().create(
        asking("The capital?").addSystemMessage("Be brief.").maxCompletionTokens(50).build());
    ChatCompletion.Choice choice = reply.choices().get(0);
    same(choice.message().content().get(), TEXT);
    same(choice.finishReason(), ChatCompletion.Choice.FinishReason.STOP);
    same(reply.usage().get().totalTokens(), 27L);
    reply.validate();
  }

  // Puts a stream together; every chunk is checked by the letter of the schema.
  private static ChatCompletion streamed(ChatCompletionCreateParams asked) {
    ChatCompletionAccumulator sum = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        MOERGE.chat().completions().createStreaming(asked)) {
      stream.stream().forEach(chunk -> sum.accumulate(chunk.validate()));
    }
    return sum.chatCompletion();
  }

  private static void stream() {
    ChatCompletion reply = streamed(asking("The capital?")
        .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
        .build());
    same(reply.choices().get(0).message().content().get(), TEXT);
    same(reply.usage().get().totalTokens(), 27L);
  }

  private static ChatCompletionCreateParams.Builder withTool() {
    FunctionParameters parameters = FunctionParameters.builder()
        .putAdditionalProperty("type", JsonValue.from("object"))
        .putAdditionalProperty(
            "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
        .build();
    FunctionDefinition weather = FunctionDefinition.builder()
        .name("weather").description("The weather in a city.").parameters(parameters).build();
    return asking("The weather in Canberra?")
        .addTool(ChatCompletionFunctionTool.builder().function(weather).build());
  }

  private static void tools(Function<ChatCompletionCreateParams, ChatCompletion> ask) {
    ChatCompletionMessage called = ask.apply(withTool().build()).choices().get(0).message();
    ChatCompletionMessageFunctionToolCall call = called.toolCalls().get().get(0).asFunction();
    same(call.function().name(), "weather");
    same(call.function().arguments().replace(" ", ""), "{\"city\":\"Canberra\"}");
    ChatCompletionToolMessageParam said = ChatCompletionToolMessageParam.builder()
        .toolCallId(call.id()).content(TOOL_SAYS).build();
    ChatCompletion answer = ask.apply(withTool().addMessage(called).addMessage(said).build());
    same(answer.choices().get(0).message().content().get(), "The tool said: " + TOOL_SAYS);
  }

  private static void embeddings() {
    var reply = MOERGE.embeddings().create(EmbeddingCreateParams.builder()
        .model("agent").inputOfArrayOfStrings(List.of("a", "b")).build());
    same(reply.data().size(), 2);
    same(reply.data().get(1).embedding(), List.of(0.25f, -0.5f, 1f));
  }

  private static void models() {
    same(MOERGE.models().list().data().stream().anyMatch(model -> model.id().equals("agent")), true);
  }

  private static void aWrongKeyIsTyped() {
    try {
      client("wrong").chat().completions().create(asking("Hi").build());
    } catch (UnauthorizedException refused) {
      same(refused.statusCode(), 401);
      return;
    }
    throw new AssertionError("it was taken");
  }

  public static void main(String[] arguments) {
    Map<String, Test> tests = new LinkedHashMap<>();
    tests.put("whole", SdkTest::whole);
    tests.put("stream", SdkTest::stream);
    tests.put("a tool and its answer", () -> tools(MOERGE.chat().completions()::create));
    tests.put("a tool in a stream", () -> tools(SdkTest::streamed));
    tests.put("embeddings", SdkTest::embeddings);
    tests.put("models", SdkTest::models);
    tests.put("a wrong key is typed", SdkTest::aWrongKeyIsTyped);
    int failed = 0;
    for (Map.Entry<String, Test> test : tests.entrySet()) {
      try {
        test.getValue().run();
        System.out.println("ok      " + test.getKey());
      } catch (Throwable wrong) {
        failed++;
        System.out.println("FAILED  " + test.getKey());
        wrong.printStackTrace(System.out);
      }
    }
    System.out.println((tests.size() - failed) + " passed, " + failed + " failed");
    System.exit(failed == 0 ? 0 : 1);
  }
}
